/* A JupyterLab extension, written by hand: it runs a notebook as soon as it is opened, if all that the notebook's code
 * can do is show panels of manager_nb. People who never used Jupyter then see the panel at once, with nothing to press.
 * It is loaded only where manager_nb itself opens JupyterLab (extra_labextensions_path). */

(() => {
  /** All that a line may be. A client's notebook with any other code waits, as in every Jupyter, until a person runs it. */
  const HARMLESS = [
    /^$/,
    /^#.*$/,
    /^from manager_nb(\.[a-z_]+)* import [A-Za-z_]+(, [A-Za-z_]+)*$/,
    /^([a-z_]+ = )?[A-Za-z]+Panel\(((chosen_business|demonstration)\(\))?\)$/,
    /^[a-z_]+$/,
  ];

  const NARROW = 1100;

  function harmless(cells) {
    const code = cells.filter((cell) => cell.type === "code");
    const lines = code.flatMap((cell) => cell.sharedModel.getSource().split("\n"));
    return code.length > 0 && lines.every((line) => HARMLESS.some((shape) => shape.test(line.trimEnd())));
  }

  /** Whether the panels on the page are dead or missing: a new kernel, or a page that was loaded again. */
  async function needed(cells, kernel) {
    if (cells.every((cell) => cell.type !== "code" || cell.outputs.length === 0)) return true;
    const known = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
    return Object.keys(known.content.comms ?? {}).length === 0;
  }

  /** What a person can have written into the notebook. */
  const written = (cells) => JSON.stringify(cells.map((cell) => [cell.type, cell.sharedModel.getSource()]));

  const RUN = "notebook:run-all-cells";
  const ACTS = ["wheel", "pointerdown", "touchstart", "keydown"];

  /** While every cell runs, stay at the top: JupyterLab goes to the last cell, and a person would begin at the end. */
  async function stayAtTop(panel, running) {
    const scroller = panel.content.outerNode ?? panel.content.node;
    let held = true;
    const letGo = () => (held = false); // a person who scrolls or types goes where they like
    const toTop = () => {
      if (!held) return;
      panel.content.activeCellIndex = 0;
      scroller.scrollTop = 0;
    };
    for (const act of ACTS) panel.node.addEventListener(act, letGo, { capture: true, passive: true });
    scroller.addEventListener("scroll", toTop);
    try {
      toTop();
      await running;
      toTop();
      for (let frame = 0; frame < 3; frame += 1) await new Promise((next) => requestAnimationFrame(next)); // it scrolls late
      toTop();
    } finally {
      scroller.removeEventListener("scroll", toTop);
      for (const act of ACTS) panel.node.removeEventListener(act, letGo, { capture: true });
    }
  }

  async function open(app, panel) {
    const context = panel?.context;
    if (!context?.path?.endsWith(".ipynb") || !context.sessionContext) return;
    await context.ready;
    await context.sessionContext.ready;
    const kernel = context.sessionContext.session?.kernel;
    const cells = Array.from(context.model.cells);
    if (!kernel || !harmless(cells) || !(await needed(cells, kernel))) return;
    if (app.shell.currentWidget !== panel) return;
    const untouched = !context.model.dirty;
    const before = written(cells);
    await app.commands.execute(RUN);
    // The outputs of this run are nothing that anybody would save: without them the page can be closed unasked.
    if (untouched && written(Array.from(context.model.cells)) === before) context.model.dirty = false;
  }

  const plugin = {
    id: "manager-nb:open",
    description: "Runs a notebook that only shows manager_nb's panels as soon as it is opened.",
    autoStart: true,
    activate(app) {
      const seen = new WeakSet();
      const look = () => {
        const panel = app.shell.currentWidget;
        if (!panel || seen.has(panel)) return;
        seen.add(panel);
        open(app, panel).catch((reason) => console.warn("manager-nb:", reason));
      };
      app.commands.commandExecuted.connect((_, { id, result }) => {
        const panel = app.shell.currentWidget; // a person may have asked for it in the menu, as the page says
        const cells = panel?.context?.model?.cells;
        if (id === RUN && cells && harmless(Array.from(cells))) stayAtTop(panel, result).catch((reason) => console.warn("manager-nb:", reason));
      });
      app.restored.then(() => {
        if (window.innerWidth < NARROW) app.shell.collapseLeft?.(); // the list of files would take half of the page
        look();
        app.shell.currentChanged?.connect(look);
      });
    },
  };

  const container = { init: () => undefined, get: async () => () => ({ __esModule: true, default: plugin }) };
  (window._JUPYTERLAB ??= {})["manager-nb"] = container;
})();
