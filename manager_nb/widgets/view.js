/* Draws a panel's screen: a tree of nodes from `view.py` becomes HTML that browsers and screen readers know.
 * Words are only ever set as text. A new screen is laid over the old one, so that focus, cursor, folds and scroll stay. */

/** Make an element; attributes that are null, undefined or false are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Builders, one a kind of node: (node, tools) => element. tools.id gives ids that no other view has. */
const build = {
  group: (node, tools) => make("div", { class: `mnb-group${node.look ? ` mnb-${node.look}` : ""}` }, ...tools.all(node.children)),

  row: (node, tools) => make("div", { class: "mnb-row" }, ...tools.all(node.children)),

  section(node, tools) {
    const id = tools.id(`heading-${node.key ?? node.heading}`);
    const heading = make("h3", { class: "mnb-heading", id, tabindex: node.key && "-1", "data-key": node.key }, node.heading);
    const note = node.note && make("p", { class: "mnb-muted" }, node.note);
    const look = `mnb-section${node.look ? ` mnb-${node.look}` : ""}`;
    return make("section", { class: look, "aria-labelledby": id, "data-key": node.key && `${node.key}-section` }, heading, note || null, ...tools.all(node.children));
  },

  text: (node) => make("p", { class: `mnb-text${node.look ? ` mnb-${node.look}` : ""}`, role: node.look === "told" && "status" }, node.words ?? ""),

  facts: (node) =>
    make("dl", { class: "mnb-facts" }, ...node.items.map((item) =>
      make("div", { class: "mnb-fact" }, make("dt", {}, item.term),
        make("dd", {}, item.value, item.remark ? make("span", { class: "mnb-remark" }, item.remark) : null)))),

  table(node, tools) {
    const numbers = new Set(node.numbers ?? []);
    const align = (index) => (numbers.has(index) ? "mnb-number" : null);
    const head = make("tr", {}, ...node.columns.map((words, index) => make("th", { scope: "col", class: align(index) }, words)));
    const lines = (node.children ?? []).map((line) =>
      make("tr", { class: line.current && "mnb-current", "aria-current": line.current && "true" }, ...(line.children ?? []).map((cell, index) => {
        const inside = cell.kind === "text" ? cell.words ?? "" : tools.one(cell);
        return make(index ? "td" : "th", { scope: index ? null : "row", class: align(index) }, inside);
      })));
    const caption = make("caption", { class: node.hide_caption && "mnb-hidden" }, node.caption);
    const grid = make("table", { "data-arrows": node.arrows && "" }, caption, make("thead", {}, head), make("tbody", {}, ...lines));
    if (node.arrows) grid.querySelectorAll("tbody button").forEach((item, index) => index && item.setAttribute("tabindex", "-1"));
    return make("div", { class: "mnb-table", "data-key": node.key, tabindex: node.arrows ? null : "0", role: "group", "aria-label": node.caption }, grid);
  },

  grid(node, tools) {
    const parts = node.children ?? [], lines = parts.filter((part) => part.kind === "tr");
    const heads = parts.filter((part) => part.kind === "head").map((head) =>
      make("th", { scope: "col", class: `mnb-${head.type}`, "aria-sort": head.order ?? "none", "data-key": `${head.key}-column` },
        make("button", { type: "button", class: "mnb-button mnb-sort", "data-key": head.key, "data-act": "press" }, head.label)));
    const top = make("tr", {}, node.tick ? make("th", { scope: "col", class: "mnb-ticks" }, make("span", { class: "mnb-hidden" }, node.tick)) : null, ...heads);
    const rows = lines.map((line) => {
      let names = true;
      const cells = (line.children ?? []).map((cell) => {
        if (cell.kind === "tick") return make("td", { class: "mnb-ticks" }, tools.one(cell));
        const inside = cell.children.map((part) => (part.kind === "text" ? part.words ?? "" : tools.one(part)));
        const made = make(names ? "th" : "td", { scope: names && "row", class: `mnb-${cell.type}` }, ...inside);
        names = false;
        return made;
      });
      return make("tr", { "data-key": line.key, class: line.current && "mnb-current", "aria-current": line.current && "true" }, ...cells);
    });
    const caption = make("caption", { class: "mnb-hidden" }, node.caption);
    const grid = make("table", { "data-arrows": "" }, caption, make("thead", {}, top), make("tbody", {}, ...rows));
    const opens = grid.querySelectorAll("tbody .mnb-row"), stops = grid.querySelectorAll("tbody :is(.mnb-row, .mnb-tick)");
    const first = opens[0] ?? stops[0]; // what opens a row comes first; the tick is beside it
    stops.forEach((item) => item !== first && item.setAttribute("tabindex", "-1"));
    return make("div", { class: "mnb-table mnb-grid", "data-key": node.key, tabindex: stops.length ? null : "0", role: "group", "aria-label": node.caption }, grid);
  },

  tick: (node) =>
    make("input", { type: "checkbox", class: "mnb-tick", "aria-label": node.name, checked: node.checked, "data-key": node.key, "data-act": "tick" }),

  button: (node) =>
    make("button", {
      type: "button", class: ["mnb-button", ...(node.look ?? "").split(" ").filter(Boolean).map((look) => `mnb-${look}`)].join(" "), "data-key": node.key, "data-act": "press",
      disabled: node.disabled, "aria-label": node.name, "aria-expanded": node.expanded, "data-focus": node.focus, "data-gives": node.gives,
    }, node.label),

  entry(node, tools) {
    const id = tools.id(node.key), help = node.help && tools.id(`${node.key}-help`);
    const type = node.secret === "hidden" ? "password" : node.day ? "date" : "text";
    const input = make("input", {
      type, id, class: `mnb-input${node.path ? " mnb-path" : ""}`, "data-key": node.key, "data-act": node.secret ? "hold" : "type", value: node.secret ? null : node.value ?? "",
      disabled: node.disabled, "data-enter": node.enter, "aria-describedby": help || null, spellcheck: node.path || node.secret ? "false" : null, autocomplete: type === "password" ? "new-password" : "off",
    });
    const suffix = node.suffix && make("span", { class: "mnb-suffix" }, node.suffix);
    return make("div", { class: "mnb-entry" }, make("label", { for: id }, node.label),
      make("div", { class: "mnb-field" }, input, suffix || null), help ? make("p", { class: "mnb-muted", id: help }, node.help) : null);
  },

  select(node, tools) {
    const id = tools.id(node.key);
    const options = node.options.map((option) => make("option", { value: option.value, selected: option.value === (node.value ?? "") }, option.label));
    const list = make("select", { id, class: "mnb-input", "data-key": node.key, "data-act": "choose", disabled: node.disabled }, ...options);
    return make("div", { class: "mnb-entry mnb-select" }, make("label", { for: id }, node.label), list);
  },

  image(node, tools) {
    const source = tools.picture(node.picture);
    return make("img", { class: "mnb-image", src: /^data:image\/(png|jpeg|gif|webp|bmp);base64,/.test(source) ? source : null, alt: node.name });
  },

  chart(node) {
    const most = Math.max(1, ...node.bars.map((bar) => bar.parts.reduce((sum, part) => sum + part.count, 0)));
    const bars = node.bars.map((bar, index) =>
      make("button", {
        type: "button", class: `mnb-bar-button${index >= node.from && index <= node.to ? " mnb-chosen" : ""}`, "aria-label": bar.name, title: bar.name,
        "aria-pressed": node.from !== undefined ? String(index >= node.from && index <= node.to) : null,
        "data-key": `${node.key}-${index}`, "data-bar": index, tabindex: index === (node.from ?? 0) ? "0" : "-1",
      }, ...bar.parts.map((part) => make("span", { class: `mnb-series-${part.series}`, style: `height: ${(100 * part.count) / most}%` }))));
    const keys = node.series.map((series, index) => make("li", {}, make("span", { class: `mnb-swatch mnb-series-${index}` }), series));
    return make("figure", { class: "mnb-chart", "data-key": node.key, "aria-label": node.label },
      make("div", { class: "mnb-chart-top" }, make("span", {}, node.most), make("ul", { class: "mnb-legend" }, ...keys)),
      make("div", { class: "mnb-bars", "data-send": node.key }, ...bars),
      make("figcaption", {}, make("span", {}, node.first), make("span", {}, node.last)));
  },

  check(node, tools) {
    const id = tools.id(node.key), help = node.help && tools.id(`${node.key}-help`);
    const box = make("input", {
      type: "checkbox", id, "data-key": node.key, "data-act": "tick", checked: node.checked, disabled: node.disabled, "aria-describedby": help || null,
    });
    return make("div", { class: "mnb-check" }, box, make("label", { for: id }, node.label),
      help ? make("p", { class: "mnb-muted", id: help }, node.help) : null);
  },

  choice(node, tools) {
    const name = tools.id(node.key);
    const options = node.options.map((option) => {
      const help = option.help && tools.id(`${node.key}-${option.value}-help`);
      const label = make("label", { lang: option.lang || null }, make("input", {
        type: "radio", name, value: option.value, checked: option.value === node.value, disabled: node.disabled,
        "data-key": node.key, "data-act": "choose", "aria-describedby": help || null,
      }), make("span", {}, option.label));
      return help ? make("div", {}, label, make("p", { class: "mnb-help", id: help }, option.help)) : label;
    });
    const looks = node.stacked ? ["mnb-stacked", "mnb-label"] : ["mnb-choice", "mnb-hidden"];
    return make("fieldset", { class: looks[0] }, make("legend", { class: looks[1] }, node.label), ...options);
  },

  bullets: (node) =>
    make("ul", { class: "mnb-bullets" }, ...node.items.map((item) =>
      make("li", {}, item.words, item.items.length ? make("ul", {}, ...item.items.map((words) => make("li", {}, words))) : null))),

  fold: (node, tools) =>
    make("details", { class: "mnb-fold", "data-key": node.key, open: node.opened },
      make("summary", {}, node.summary), make("div", { class: "mnb-folded" }, ...tools.all(node.children))),

  trouble: (node, tools) =>
    make("div", { class: "mnb-notice mnb-trouble", role: "alert", "data-sign": "!" },
      make("p", { class: "mnb-strong" }, make("span", { class: "mnb-word" }, `${node.title}: `), node.message),
      make("p", {}, node.hint), ...tools.all(node.children)),

  notice: (node) =>
    make("div", { class: `mnb-notice mnb-${node.look}`, "data-sign": { warning: "!", good: "✓" }[node.look] ?? "i" },
      make("p", {}, node.title ? make("strong", {}, `${node.title} `) : null, node.words)),

  progress(node) {
    const known = node.percent !== "-1";
    const bar = make("div", {
      class: `mnb-bar${known ? "" : " mnb-moving"}`, role: "progressbar", "aria-label": node.label, "aria-valuemin": "0", "aria-valuemax": "100",
      "aria-valuenow": known ? node.percent : null, "aria-valuetext": node.words,
    }, make("div", { style: known ? `width: ${Number(node.percent)}%` : null }));
    return make("div", { class: "mnb-progress" }, make("p", {}, node.words), bar);
  },

  proof: (node) =>
    make("ul", { class: "mnb-proof" }, ...node.items.map((item) =>
      make("li", { class: `mnb-${item.state}`, "data-sign": { passed: "✓", failed: "✗", nothing: "–" }[item.state] },
        make("span", { class: "mnb-verdict" }, item.verdict), " ", item.words,
        item.remark ? make("span", { class: "mnb-remark" }, item.remark) : null))),

  copyable: (node, tools) =>
    make("div", { class: "mnb-copyable" }, make("span", { class: "mnb-label", id: tools.id(node.key) }, node.label),
      make("code", {}, node.value),
      node.copy ? make("button", {
        type: "button", class: "mnb-button mnb-quiet", "data-key": node.key, "data-act": "copy", "data-value": node.value,
        "data-copied": node.copied, "aria-describedby": tools.id(node.key),
      }, node.copy) : null),

  pre: (node) => make("pre", { tabindex: "0", role: "group", "aria-label": node.label }, node.words),

  /* HTML from outside. Its frame has no right at all; the frame around it lets nothing be loaded: no picture, style or font,
   * and no address that a link of the letter would lead its own frame to. Nothing of this is ever taken from the letter. */
  letter(node) {
    const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";
    const look = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0; background: white";
    const inner = make("iframe", { sandbox: "", title: node.label, style: look, srcdoc: sealed(node.source) });
    const guard = `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="${policy}">`;
    return make("iframe", { class: "mnb-letter", sandbox: "", title: node.label, srcdoc: guard + inner.outerHTML });
  },

  embed: (node, tools) => make("div", { class: "mnb-embed", "data-key": node.key, "data-model": tools.need(node.model) }),
};

/** A letter without what a policy cannot forbid: hints to connect, frames (a browser connects before it asks the policy), and
 * links, which would lead the letter away; where one led to is told as its title. Read as a document of its own, which loads nothing. */
function sealed(source) {
  const read = new DOMParser().parseFromString(source, "text/html");
  read.querySelectorAll("link, meta, base, script, iframe, frame, object, embed, set, animate").forEach((one) => one.remove());
  for (const one of read.querySelectorAll("*")) {
    for (const { localName, name, value } of [...one.attributes]) {
      if (!["href", "ping", "target", "action", "formaction"].includes(localName.replace(/^.*:/, ""))) continue;
      one.removeAttribute(name);
      if (localName === "href" && ["a", "area"].includes(one.localName)) one.setAttribute("title", value);
    }
  }
  return read.documentElement.outerHTML;
}

/** Lay `next` over `old`: same elements stay, so what a person holds is not torn away.
 * `heard` is the last event that the kernel had heard of when it drew `next`. */
function lay(old, next, heard) {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && name !== "open" && name !== "tabindex") old.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (name === "open" || (name === "tabindex" && (old.dataset.act || old.dataset.bar))) continue; // folds and the place in a listing are the person's
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.tagName === "INPUT") layInput(old, next, heard);
  if (old.dataset.model) return; // an embedded widget draws itself
  const before = [...old.childNodes];
  const keyed = new Map(before.filter((child) => child.dataset?.key).map((child) => [child.tagName + child.dataset.key, child]));
  const used = new Set();
  let place = old.firstChild;
  for (const child of [...next.childNodes]) {
    const same = match(child, place, keyed, used);
    if (!same) {
      old.insertBefore(child, place);
      continue;
    }
    used.add(same);
    if (same !== place) old.insertBefore(same, place);
    else place = place.nextSibling;
    if (same.nodeType === Node.TEXT_NODE) {
      if (same.data !== child.data) same.data = child.data;
    } else lay(same, child, heard);
  }
  while (place) {
    const rest = place;
    place = place.nextSibling;
    rest.remove();
  }
  if (old.tagName === "SELECT" && !(old.told > heard)) old.value = next.value;
}

function match(child, place, keyed, used) {
  if (child.nodeType === Node.TEXT_NODE) return place?.nodeType === Node.TEXT_NODE ? place : null;
  if (child.dataset.key) {
    const same = keyed.get(child.tagName + child.dataset.key);
    return same && !used.has(same) ? same : null;
  }
  const alike = place?.nodeType === Node.ELEMENT_NODE && place.tagName === child.tagName && place.className === child.className;
  if (!alike || place.dataset.key) return null;
  return place.getAttribute("role") !== "alert" || place.textContent === child.textContent ? place : null; // a new alert is announced
}

/** What a person did stays until the kernel has heard of it: a drawing that was under way does not turn it back. */
function layInput(old, next, heard) {
  if (old.told > heard || old.dataset.act === "hold") return; // a secret is the page's alone until it is given
  const value = next.getAttribute("value") ?? "";
  if (old.type === "checkbox" || old.type === "radio") old.checked = next.hasAttribute("checked");
  else if (old.value !== value) old.value = value;
}

function render({ model, el }) {
  // Names this view: in its ids, since each panel on a page has a script of its own, and in its events.
  const token = Math.random().toString(36).slice(2);
  const root = make("section", { class: "mnb", tabindex: "-1" });
  const status = make("p", { class: "mnb-hidden", role: "status" });
  const asleep = make("div", { class: "mnb-notice mnb-warning mnb-asleep", role: "alert", "data-sign": "!", hidden: true });
  const body = make("div", { class: "mnb-body" });
  root.append(asleep, body, status);
  el.append(root);

  const wanted = new Map(); // embedded widgets: model id → promise of its element
  const tools = {
    id: (key) => `mnb-${token}-${key.replace(/[^\p{L}\p{N}_-]+/gu, "-")}`,
    one: (node) => build[node.kind](node, tools),
    all: (nodes) => (nodes ?? []).map(tools.one),
    picture: (digest) => model.get("pictures")[digest],
    need(id) {
      if (!wanted.has(id)) wanted.set(id, embedded(id));
      return id;
    },
  };
  async function embedded(id) {
    const child = await model.widget_manager.get_model(id);
    return (await model.widget_manager.create_view(child)).el;
  }

  let events = 0;
  let focusAsked = model.get("screen").focus_asked; // asked of another view, or before this one was there
  let parked = false; // the focus waits on the panel for something to be there that it can go to
  let answer = null;
  function send(target, content) {
    target.told = ++events;
    clearTimeout(answer);
    answer = setTimeout(tellAsleep, 8000);
    try {
      model.send({ key: target.dataset.send ?? target.dataset.key, ...content, view: token, event: events });
    } catch {
      tellAsleep(); // the kernel that this panel lived in is gone
    }
  }
  function tellAsleep() {
    clearTimeout(answer);
    asleep.textContent = model.get("screen").asleep;
    asleep.hidden = false;
  }

  function draw() {
    clearTimeout(answer);
    asleep.hidden = true;
    const screen = model.get("screen");
    if (!screen.children) return;
    const held = document.activeElement;
    const had = own(held) && (held !== root || parked);
    const title = tools.id("title");
    root.lang = screen.lang;
    root.setAttribute("aria-labelledby", title);
    const next = make("div", { class: "mnb-body" },
      make("header", { class: "mnb-head" }, make("div", {}, make("h2", { id: title }, screen.title), screen.intro ? make("p", { class: "mnb-muted" }, screen.intro) : null),
        ...tools.all(screen.tools)),
      ...tools.all(screen.children));
    const alerts = new Set(body.querySelectorAll("[role=alert]"));
    lay(body, next, screen.heard[token] ?? 0);
    if (status.textContent !== (screen.status ?? "")) status.textContent = screen.status ?? "";
    body.querySelectorAll("[data-model]").forEach((place) =>
      wanted.get(place.dataset.model).then((child) => place.contains(child) || place.append(child)));
    body.querySelectorAll("[data-arrows], .mnb-bars").forEach(keepStop);
    for (const alert of body.querySelectorAll("[role=alert]")) if (!alerts.has(alert)) alert.scrollIntoView({ block: "nearest" });
    const asked = screen.focus && screen.focus_asked !== focusAsked;
    focusAsked = screen.focus_asked;
    if (had && (asked || held === root || !held.isConnected || held.disabled)) refocus(screen.focus);
    else if (had && document.activeElement !== held) held.focus({ preventScroll: true }); // it was moved, which takes the focus away
  }

  /** What had the focus is gone: give it to what the panel asks for, else to the panel. */
  function refocus(key) {
    const first = (selector) => [...body.querySelectorAll(selector)].find(own);
    const place = (key && first(`[data-key="${CSS.escape(key)}"]`)) || first("[data-focus]:not([disabled])") || root;
    parked = place === root;
    for (let fold = place.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) {
      if (!place.closest("summary")) fold.open = true; // what is folded away cannot take the focus
    }
    place.focus({ preventScroll: parked });
  }

  /** A panel may hold another, which hears what is done in it by itself. */
  const own = (element) => element?.closest?.(".mnb") === root;
  function on(name, act) {
    root.addEventListener(name, (event) => own(event.target) && act(event));
  }

  on("focusin", (event) => (parked &&= event.target === root));
  on("click", (event) => {
    const target = event.target.closest("[data-act]");
    if (target?.dataset.act === "press") send(target, target.dataset.gives ? given(target.dataset.gives) : {});
    if (target?.dataset.act === "copy") copy(target);
    const opener = !event.target.closest("button, input, a, summary, label") && event.target.closest("tbody tr")?.querySelector(".mnb-row");
    if (opener && getSelection().isCollapsed) opener.click(); // anywhere in a row that opens
  });
  /** What stands in the field of a secret; the field forgets it at once. */
  function given(key) {
    const field = [...body.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(own);
    const secret = field?.value ?? "";
    if (field) field.value = "";
    return { secret };
  }
  let brush = null; // the bar of a chart where a drag began
  on("pointerdown", (event) => (brush = event.target.closest("[data-bar]")));
  on("pointerover", (event) => {
    const bar = brush && event.buttons && event.target.closest("[data-bar]");
    if (bar) paint(brush, bar);
  });
  on("pointerup", (event) => {
    const bar = brush && event.target.closest("[data-bar]");
    if (bar && bar.parentElement === brush.parentElement) choose(brush, bar);
    brush = null;
  });
  function choose(from, to) {
    paint(from, to);
    const ends = [from, to].map((bar) => Number(bar.dataset.bar)).sort((a, b) => a - b);
    send(to.parentElement, { value: ends.join(":") });
  }
  function paint(from, to) {
    const [low, high] = [from, to].map((bar) => Number(bar.dataset.bar)).sort((a, b) => a - b);
    for (const bar of to.parentElement.children) bar.classList.toggle("mnb-chosen", bar.dataset.bar >= low && bar.dataset.bar <= high);
  }
  let anchor = null; // the bar from which Shift and the arrows reach
  function walkBars(bar, event) {
    const bars = [...bar.parentElement.children], here = bars.indexOf(bar);
    const next = bars[{ ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: bars.length - 1 }[event.key]];
    if (event.key === "Enter" || event.key === " ") choose(anchor?.parentElement === bar.parentElement ? anchor : bar, bar);
    else if (!next) return false;
    else {
      anchor = event.shiftKey ? anchor ?? bar : null;
      paint(anchor ?? next, next);
      bar.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    }
    return true;
  }
  on("input", (event) => {
    const target = event.target;
    if (target.dataset.act !== "type") return;
    clearTimeout(target.later);
    target.told = Infinity; // nothing that the kernel has heard of yet
    target.later = setTimeout(() => type(target), 150);
  });
  on("change", (event) => {
    const target = event.target;
    if (target.dataset.act === "type" && target.told === Infinity) type(target);
    if (target.dataset.act === "tick") send(target, { value: target.checked });
    if (target.dataset.act === "choose" && (target.checked || target.tagName === "SELECT")) {
      send(target, { value: target.value });
      for (const other of target.closest("fieldset")?.elements ?? []) other.told = events;
    }
  });
  on("keydown", (event) => {
    const target = event.target;
    if (event.key === "Enter" && target.classList.contains("mnb-tick")) {
      event.preventDefault(); // Space ticks; Enter opens, wherever in the row the focus is
      target.closest("tr")?.querySelector(".mnb-row")?.click();
    } else if (event.key === "Enter" && target.dataset.enter !== undefined) {
      event.preventDefault();
      type(target, true);
    } else if (event.key === "Enter" && target.dataset.act === "hold") {
      event.preventDefault();
      [...body.querySelectorAll(`[data-gives="${CSS.escape(target.dataset.key)}"]`)].find(own)?.click();
    }
    const grid = target.closest("[data-arrows]");
    if (grid && walk(grid, target, event.key)) event.preventDefault();
    const bar = target.closest("[data-bar]");
    if (bar && walkBars(bar, event)) event.preventDefault();
  });
  /** The notebook's own keys (A, B, D D, Shift+R …) must not act on what is typed here; Ctrl+S and its like may.
   * JupyterLab asks the element with the focus first, so it has to say so itself. */
  function hush(event) {
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !event.ctrlKey && !event.metaKey);
  }
  window.addEventListener("keydown", hush, true);

  function type(target, enter = false) {
    clearTimeout(target.later);
    send(target, { value: target.value, enter });
  }

  // Language and zone may have been chosen on another page meanwhile: ask when this one comes into sight.
  const sight = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && look());
  function look() {
    try {
      model.send({ key: "", view: token, event: events });
    } catch {
      // the kernel is gone: told at the next click
    }
  }
  sight.observe(root);
  window.addEventListener("focus", look);

  model.on("change:screen", draw);
  draw();
  return () => {
    sight.disconnect();
    window.removeEventListener("focus", look);
    window.removeEventListener("keydown", hush, true);
    clearTimeout(answer);
  };
}

/** One place of a listing is a stop of the Tab key; when its row is gone, the first one is. */
function keepStop(listing) {
  const items = [...listing.querySelectorAll("tbody :is(button, .mnb-tick), [data-bar]")];
  if (items.length && !items.some((item) => item.getAttribute("tabindex") !== "-1")) items[0].setAttribute("tabindex", "0");
}

/** Arrow keys, Home, End and the page keys among the buttons and ticks of a listing: one stop of the Tab key. */
function walk(grid, from, key) {
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("button, .mnb-tick")]).filter((row) => row.length);
  const row = rows.findIndex((items) => items.includes(from));
  if (row < 0) return false;
  const place = rows[row].indexOf(from);
  const turn = { PageDown: "on", PageUp: "back" }[key];
  if (turn) {
    const button = grid.closest(".mnb-listing")?.querySelector(`[data-key$="-${turn}"]:not(:disabled)`);
    button?.click();
    return Boolean(button);
  }
  const line = { ArrowDown: row + 1, ArrowUp: row - 1, Home: 0, End: rows.length - 1 }[key];
  const beside = { ArrowRight: place + 1, ArrowLeft: place - 1 }[key];
  const next = line !== undefined ? rows[line]?.[Math.min(place, rows[line].length - 1)] : rows[row][beside];
  if (!next) return false;
  from.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
  return true;
}

async function copy(target) {
  const label = target.textContent;
  try {
    await navigator.clipboard.writeText(target.dataset.value);
  } catch {
    const range = document.createRange(); // no right to the clipboard: select it, the person presses Ctrl+C
    range.selectNodeContents(target.parentElement.querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (!document.execCommand("copy")) return;
  }
  target.textContent = target.dataset.copied;
  setTimeout(() => (target.textContent = label), 2000);
}

export default { render };
