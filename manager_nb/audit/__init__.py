"""WHAT CHANGED, AND WHAT DESERVES A LOOK: comparing, questions to History, and the tests of an audit."""
