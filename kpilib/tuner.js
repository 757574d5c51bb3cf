// Weights tried out: move a slider, see who changes grade. Used by anywidget in JupyterLab and
// written into what_if.html. The first part makes the same numbers as kpilib.scoring and
// kpilib.grading, to the last bit (tests/test_tuner.py); the second draws; nothing is loaded.
//
// data   texts, grades (best first), cuts (highest first), edge, bonus {grade, pay}, pay {floor, cap},
//        floor (of points where totals are geometric, else null), stages [title, title] or null,
//        teams [{key, title}], roles [{key, title, items [{key, title}], weights, start, end}], and
//        people [{label, team, bonus, seats [{role, share, points}]}], null = item does not apply,
//        or groups [{role, team, n, mean, spread, likeness, bonus, pay}] where nobody may be seen;
//        a mean of null = the item would say too much of single people.

const NEAR = 1e-9; // scores are rounded to 6 places; nearer to a cut than this they stand on it
const SHIFT = { rounded: 0.5, floored: 1 }; // where a grade begins once totals are made whole
const CROWD = 200; // stand-ins of a group, at least
const PATIENCE = 3000; // ms to wait for Python
const CALM = 300; // ms without a move before rows out of view are written

// --- The same numbers as Python's --------------------------------------------------------------

/** Sum exactly and round once, as Python's math.fsum does (Shewchuk 1997). */
export function exactSum(values) {
  const parts = [];
  for (let x of values) {
    let kept = 0;
    for (let y of parts) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low) parts[kept++] = low;
      x = high;
    }
    parts.length = kept;
    parts.push(x);
  }
  let at = parts.length - 1;
  let sum = at < 0 ? 0 : parts[at];
  let low = 0;
  while (at > 0 && !low) {
    const before = sum;
    sum = before + parts[--at];
    low = parts[at] - (sum - before);
  }
  // A remainder of half a place is rounded by the parts below it, not to even.
  if (at > 0 && low * parts[at - 1] > 0) {
    const doubled = sum + low * 2;
    if (doubled - sum === low * 2) sum = doubled;
  }
  return sum;
}

/** Round to 6 places as Python does: the exact value, halves to even; toFixed takes them up. */
export function round6(x) {
  const whole = x * 128; // a half of the sixth place is an odd number of 128ths, and only that
  if (Number.isInteger(whole) && whole % 2) {
    const low = Math.floor(x * 1e6);
    return (low % 2 ? low + 1 : low) / 1e6;
  }
  return Number(x.toFixed(6));
}

/** Return the scale on which totals are sums by weight: points, or logs if totals are geometric. */
const lifted = (points, floor) => (floor ? Math.log(Math.max(points, floor)) : points);

/** Total points by weight over the items that apply; NaN where none with a weight does. */
export function weightedTotal(points, weights, floor = null) {
  const products = [];
  const held = [];
  for (let i = 0; i < points.length; i++) {
    if (points[i] === null) continue;
    products.push(lifted(points[i], floor) * weights[i]);
    held.push(weights[i]);
  }
  const whole = exactSum(held);
  if (!(whole > 0)) return NaN;
  const mean = exactSum(products) / whole;
  return round6(floor ? Math.exp(mean) : mean);
}

/** Return the place of a score's grade, 0 the best; -1 without a score. */
export function placeOf(score, cuts, edge) {
  if (Number.isNaN(score)) return -1;
  const shift = SHIFT[edge] ?? 0;
  const strict = edge === "upper_closed";
  const at = cuts.findIndex((cut) =>
    strict ? score > cut + shift + NEAR : score >= cut + shift - NEAR,
  );
  return at < 0 ? cuts.length : at;
}

/** Score a person: roles by their share of time; what is graded and what is paid, with bonus. */
export function scoreOf(person, weights, { bonus, floor }) {
  const totals = person.seats.map((seat) => weightedTotal(seat.points, weights[seat.role], floor));
  const known = totals.map((total) => !Number.isNaN(total));
  if (!known.includes(true)) return { graded: NaN, paid: NaN, totals };
  const some = known.includes(false);
  const whole = some ? exactSum(person.seats.filter((_, i) => known[i]).map((s) => s.share)) : 1;
  const parts = [];
  person.seats.forEach((seat, i) => {
    if (known[i]) parts.push(totals[i] * (some ? seat.share / whole : seat.share));
  });
  const total = round6(exactSum(parts));
  const score = round6(total + person.bonus);
  return { graded: bonus.grade ? score : total, paid: bonus.pay ? score : total, totals };
}

/** Return grades, ranks in the role, and pay of everybody under some weights and cuts. */
export function outcome(people, weights, cuts, data) {
  const scores = people.map((person) => scoreOf(person, weights, data));
  const pay = scores.map(({ paid }, i) => (people[i].base ?? 0) * payable(paid, data.pay));
  const places = scores.map(({ graded }) => placeOf(graded, cuts, data.edge));
  return { scores, places, pay, ranks: ranksOf(people, scores) };
}

const payable = (paid, { floor, cap }) => Math.min(Math.max(paid, floor), cap ?? Infinity) / 100;

/** Return each seat's rank among the people of its role; equal scores share the mean. */
function ranksOf(people, scores) {
  const pools = new Map();
  people.forEach((person, i) => {
    if (Number.isNaN(scores[i].graded)) return;
    person.seats.forEach((seat, j) => {
      const pool = `${seat.role} ${person.copy ?? ""}`;
      if (!pools.has(pool)) pools.set(pool, []);
      pools.get(pool).push([scores[i].graded, i, j]);
    });
  });
  const ranks = people.map((person) => person.seats.map(() => NaN));
  for (const pool of pools.values()) {
    pool.sort((a, b) => b[0] - a[0]);
    for (let from = 0, to; from < pool.length; from = to) {
      for (to = from + 1; to < pool.length && pool[to][0] === pool[from][0]; ) to++;
      for (let at = from; at < to; at++) ranks[pool[at][1]][pool[at][2]] = (from + 1 + to) / 2;
    }
  }
  return ranks;
}

/** Count who changes between two outcomes, and by how much the payroll does. */
export function compare(people, before, after, counted = () => true) {
  const found = { of: 0, up: 0, down: 0, lost: 0, ranks: 0, payroll: NaN };
  const pay = [0, 0];
  people.forEach((person, i) => {
    if (!counted(person) || before.places[i] < 0) return;
    found.of += person.count;
    if (after.places[i] < 0) found.lost += person.count;
    else {
      if (after.places[i] < before.places[i]) found.up += person.count;
      if (after.places[i] > before.places[i]) found.down += person.count;
      if (after.ranks[i].some((rank, j) => rank !== before.ranks[i][j])) found.ranks += person.count;
      pay[0] += before.pay[i];
      pay[1] += after.pay[i];
    }
  });
  if (pay[0] > 0) found.payroll = pay[1] / pay[0] - 1;
  found.changed = found.up + found.down;
  return found;
}

// --- Moves -------------------------------------------------------------------------------------

const sum = (values) => values.reduce((a, b) => a + b, 0);

/** Return how much weight the item and those that may give way hold together. */
export function room(weights, item, locked = []) {
  return Math.max(1 - sum(weights.filter((_, j) => j !== item && locked[j])), 0);
}

/** Move one weight; those not locked give way in proportion (evenly where they hold nothing). */
export function moved(weights, item, target, locked = []) {
  const free = weights.map((_, j) => j !== item && !locked[j]);
  if (!free.includes(true)) return [...weights];
  const whole = room(weights, item, locked);
  const x = Math.min(Math.max(target, 0), whole);
  const others = sum(weights.filter((_, j) => free[j]));
  const share = (j) =>
    others > 0 ? weights[j] * ((whole - x) / others) : (whole - x) / free.filter(Boolean).length;
  return weights.map((weight, j) => (j === item ? x : free[j] ? share(j) : weight));
}

/**
 * Return how far one weight can move alone until the first grade moves: [low, high].
 *
 * A role's total passes cut c when sum w (p - c) over what applies is above 0 (p and c as logs if
 * totals are geometric). While one weight runs from 0 to all there is room for and the others give
 * way, that sum is a straight line: two ends give the root. Stand-ins add up until they make one
 * person.
 */
export function freeRange(people, scores, role, item, weights, locked, cuts, data) {
  const whole = room(weights, item, locked);
  const now = weights[item];
  const ends = [moved(weights, item, 0, locked), moved(weights, item, whole, locked)];
  const shift = SHIFT[data.edge] ?? 0;
  const below = [];
  const above = [];
  people.forEach((person, i) => {
    person.seats.forEach((seat, j) => {
      if (seat.role !== role || Number.isNaN(scores[i].totals[j])) return;
      const rest = scores[i].graded - seat.share * scores[i].totals[j];
      const [first, last] = ends.map((end) => weighed(seat.points, end, data.floor));
      let [low, high] = [-Infinity, Infinity];
      for (const cut of cuts) {
        const total = (cut + shift - rest) / seat.share;
        if (data.floor && total < data.floor) continue; // no total is below the floor
        const needed = lifted(total, data.floor);
        const from = first[0] - needed * first[1];
        const slope = last[0] - needed * last[1] - from;
        if (Math.abs(scores[i].graded - cut - shift) <= NEAR) {
          // On the cut: the grade changes at once, on the side where the total leaves its band.
          const falls = data.edge !== "upper_closed";
          if (Math.abs(slope) > NEAR) slope > 0 === falls ? (low = now) : (high = now);
        } else if (from * (from + slope) < 0) {
          const root = (-from / slope) * whole;
          if (root < now) low = Math.max(low, root);
          else high = Math.min(high, root);
        }
      }
      if (low > -Infinity) below.push([now - low, person.count]);
      if (high < Infinity) above.push([high - now, person.count]);
    });
  });
  return [now - firstPerson(below, now), now + firstPerson(above, whole - now)];
}

function weighed(points, weights, floor) {
  let [top, base] = [0, 0];
  for (let i = 0; i < points.length; i++) {
    if (points[i] === null) continue;
    top += lifted(points[i], floor) * weights[i];
    base += weights[i];
  }
  return [top, base];
}

function firstPerson(steps, most) {
  let people = 0;
  for (const [step, count] of steps.sort((a, b) => a[0] - b[0])) {
    people += count;
    if (people >= 1 - NEAR) return step;
  }
  return most;
}

// --- Stand-ins: where nobody may be seen, people as their group's mean and spread make them ------

/** Return stand-ins of every group: its head count in copies, with its means and spreads exactly. */
export function standIns(data) {
  const inForce = data.roles.map((role) => role.weights);
  return data.groups.flatMap((group, g) => {
    const copies = Math.ceil(CROWD / group.n);
    const columns = alike(normals(group.n * copies, group.mean.length, g + 1), group.likeness);
    const people = Array.from({ length: group.n * copies }, (_, i) => ({
      team: group.team,
      bonus: group.bonus,
      count: 1 / copies,
      copy: `${g}.${i % copies}`,
      group: g,
      seats: [
        {
          role: group.role,
          share: 1,
          points: columns.map((column, k) =>
            group.mean[k] === null ? null : group.mean[k] + group.spread[k] * column[i],
          ),
        },
      ],
    }));
    const paid = people.map((person) => scoreOf(person, inForce, data).paid);
    const base = group.pay / sum(paid.map((percent) => payable(percent, data.pay)));
    return people.map((person) => ({ ...person, base }));
  });
}

/** Return columns of normal numbers: mean 0, spread 1, unrelated, always the same for a seed. */
function normals(rows, columns, seed) {
  let state = seed * 0x9e3779b9;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0; // mulberry32
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const done = [];
  for (let k = 0; k < columns; k++) {
    let column = Array.from({ length: rows }, normal);
    const mean = sum(column) / rows;
    column = column.map((x) => x - mean);
    for (const other of done) {
      const along = sum(column.map((x, i) => x * other[i])) / rows;
      column = column.map((x, i) => x - along * other[i]);
    }
    const spread = Math.sqrt(sum(column.map((x) => x * x)) / rows);
    done.push(column.map((x) => x / spread));
  }
  return done;
}

/** Mix unrelated columns so that any two have the same correlation (Cholesky). */
function alike(columns, likeness) {
  const factor = [];
  columns.forEach((_, i) => {
    factor.push([]);
    for (let j = 0; j < i; j++) {
      const held = sum(factor[j].slice(0, j).map((x, t) => x * factor[i][t]));
      factor[i].push((likeness - held) / factor[j][j]);
    }
    factor[i].push(Math.sqrt(1 - sum(factor[i].map((x) => x * x))));
  });
  return factor.map((row) =>
    columns[0].map((_, at) => sum(row.map((x, j) => x * columns[j][at]))),
  );
}

// --- Words and numbers -------------------------------------------------------------------------

const clean = (text) => (/[1-9]/.test(text) ? text.replace("-", "\u2212") : text.replace("-", ""));
const fixed = (x, places = 1) => (Number.isNaN(x) ? "\u2013" : clean(x.toFixed(places)));
const signed = (x, places = 1) => (x > 0 && Number(x.toFixed(places)) ? "+" : "") + fixed(x, places);
const percent = (weight) => fixed(100 * weight);

function speaker(texts) {
  return (key, values = {}) =>
    texts[key].replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (_, name, one, other) =>
      one === undefined ? String(values[name]) : values[name] === 1 ? one : other,
    );
}

let mounted = 0; // several tuners in one notebook need ids of their own

/** Make an element: what it knows as a property is set as one, all else as an attribute. */
function make(tag, set = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value);
  }
  // JupyterLab would take arrow keys and letters; it looks at what has the focus, not around it.
  if (node.tabIndex >= 0) node.setAttribute("data-lm-suppress-shortcuts", "true");
  node.append(...children);
  return node;
}

const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

// --- The tuner ---------------------------------------------------------------------------------

/**
 * Draw a tuner.
 *
 * `ask.choose(choice)` hears of every choice of weights and cuts; `ask.save(draft)` of a wish to
 * keep one. What Python says to either comes back through `answer` and `saved`.
 */
export function mount(el, data, ask = {}) {
  const say = speaker(data.texts);
  const uid = `kpi-tuner-${++mounted}`;
  const grouped = Boolean(data.groups);
  const people = grouped ? standIns(data) : data.people.map((person) => ({ ...person, count: 1 }));
  const inForce = data.roles.map((role) => [...role.weights]);
  const before = outcome(people, inForce, data.cuts, data);
  const state = { team: data.team ?? "" };
  let [after, answered, anchor] = [before, null, null];
  const post = { turn: 0, open: false, unsent: false, timer: 0 }; // what Python was asked last

  const inTeam = (person) => !state.team || person.team === state.team;
  const rolesShown = () => {
    const held = new Set(people.filter(inTeam).flatMap((p) => p.seats.map((seat) => seat.role)));
    return data.roles.map((_, i) => i).filter((i) => held.has(i));
  };

  function reset() {
    state.weights = inForce.map((weights) => [...weights]);
    state.locked = inForce.map((weights) => weights.map(() => false));
    state.cuts = [...data.cuts];
    state.way = null;
    anchor = null;
  }
  reset();
  state.role = rolesShown()[0];

  // What stays while weights move.
  const teams = make("select", { id: `${uid}-team` });
  teams.append(make("option", { value: "" }, say("all_teams")));
  data.teams.forEach((team) => teams.append(make("option", { value: team.key }, team.title)));
  teams.value = state.team;
  const roles = make("select", { id: `${uid}-role` });
  const back = make("button", { type: "button" }, say("reset"));
  const status = make("p", { class: "status", role: "status" });
  const legend = make("legend");
  const levers = make("div", { class: "levers" });
  const way = stageSlider();
  const cutFields = cutInputs();
  const wrong = make("p", { class: "wrong", id: `${uid}-wrong`, role: "alert" });
  const tables = make("div", { class: "tables" });
  const asked = (key, control) =>
    make("label", { class: "asked", htmlFor: control.id }, make("span", {}, say(key)), control);
  const left = make(
    "div",
    { class: "controls" },
    make("fieldset", {}, legend, levers),
    ...(way ? [way.row] : []),
    make("fieldset", {}, make("legend", {}, say("cuts")), ...cutFields.map((c) => c.row), wrong),
  );
  const root = make(
    "div",
    { class: "kpi kpi-tuner", lang: data.lang },
    make("div", { class: "choose" }, asked("team", teams), asked("role", roles), back),
    status,
    make("div", { class: "halves" }, left, tables),
  );
  const keep = ask.save ? saveForm() : null;
  if (keep) root.append(keep.form);
  el.replaceChildren(root);

  let sliders = [];
  let rows = []; // functions that write what a move changes
  let blind = []; // functions that end the watch over rows in view

  function stageSlider() {
    if (!data.stages) return null;
    const input = range(`${uid}-way`, 100, 1);
    const value = make("span", { class: "value" }); // an output would be announced at each move
    const name = say("way", { start: data.stages[0], end: data.stages[1] });
    const row = make(
      "div",
      { class: "lever way" },
      make("label", { htmlFor: input.id }, name),
      input,
      value,
    );
    input.addEventListener("input", () => {
      state.way = Number(input.value) / 100;
      anchor = null;
      state.weights = state.weights.map((weights, i) => onTheWay(data.roles[i], weights, i));
      show();
    });
    return { row, input, value };
  }

  /** Weights at this point between the stages; those locked stay and the rest share what is left. */
  function onTheWay(role, weights, i) {
    const locked = state.locked[i];
    const mixed = role.start.map((x, k) => (1 - state.way) * x + state.way * role.end[k]);
    const free = sum(mixed.filter((_, k) => !locked[k]));
    const left = 1 - sum(weights.filter((_, k) => locked[k]));
    if (!locked.includes(true)) return mixed;
    return free > 0 ? weights.map((x, k) => (locked[k] ? x : (mixed[k] * left) / free)) : weights;
  }

  function cutInputs() {
    return data.cuts.map((cut, i) => {
      const whole = data.edge in SHIFT;
      const input = make("input", {
        id: `${uid}-cut${i}`,
        type: "number",
        step: whole ? 1 : 0.5,
        value: cut,
        "aria-describedby": `${uid}-wrong`,
      });
      const text = say(data.edge === "upper_closed" ? "cut_above" : "cut_from", {
        grade: data.grades[i],
      });
      input.addEventListener("input", readCuts);
      return { input, row: make("label", { class: "cut", htmlFor: input.id }, text, input) };
    });
  }

  function readCuts() {
    const cuts = cutFields.map(({ input }) => (input.value === "" ? NaN : Number(input.value)));
    const falls = cuts.every((cut, i) => Number.isFinite(cut) && (!i || cut < cuts[i - 1]));
    const whole = !(data.edge in SHIFT) || cuts.every(Number.isInteger);
    cutFields.forEach(({ input }) => input.setAttribute("aria-invalid", String(!falls || !whole)));
    write(wrong, falls && whole ? "" : say(falls ? "cuts_whole" : "cuts_fall"));
    if (falls && whole) {
      state.cuts = cuts;
      show();
    }
  }

  function range(id, max, step) {
    return make("input", { id, type: "range", min: 0, max, step });
  }

  /** Draw the sliders of the chosen role. */
  function drawLevers() {
    const role = data.roles[state.role];
    write(legend, say("weights", { role: role.title }));
    sliders = role.items.map((item, k) => {
      const input = range(`${uid}-w${k}`, 100, 0.5);
      const value = make("span", { class: "value" }); // an output would be announced at each move
      const lock = make("input", { type: "checkbox", id: `${uid}-l${k}` });
      const bar = make("div", { class: "reach" }, make("div"));
      const note = make("p", { class: "free", id: `${uid}-n${k}` });
      input.setAttribute("aria-describedby", note.id);
      input.addEventListener("input", () => {
        anchor ??= state.weights[state.role]; // dragged to 100 and back, the others come back too
        state.way = null;
        const target = Number(input.value) / 100;
        state.weights[state.role] = moved(anchor, k, target, state.locked[state.role]);
        show();
      });
      input.addEventListener("change", () => (anchor = null));
      lock.addEventListener("change", () => {
        state.locked[state.role][k] = lock.checked;
        show();
      });
      const row = make(
        "div",
        { class: "lever" },
        make("label", { htmlFor: input.id }, item.title),
        make(
          "label",
          { class: "lock", htmlFor: lock.id },
          lock,
          say("lock"),
          make("span", { class: "sr" }, ` ${item.title}`),
        ),
        input,
        value,
        bar,
        note,
      );
      return { input, value, lock, bar: bar.firstChild, note, row };
    });
    levers.replaceChildren(...sliders.map((slider) => slider.row));
  }

  function showLevers() {
    const weights = state.weights[state.role];
    const locked = state.locked[state.role];
    const open = locked.filter((l) => !l).length;
    sliders.forEach(({ input, value, lock, bar, note }, k) => {
      const text = `${percent(weights[k])}%`;
      input.value = 100 * weights[k];
      input.setAttribute("aria-valuetext", text);
      input.disabled = locked[k] || open < 2;
      lock.checked = locked[k];
      write(value, text);
      if (input.disabled) {
        bar.style.width = "0";
        write(note, say("held"));
        return;
      }
      const spot = [state.role, k, weights, locked, state.cuts, data];
      const [low, high] = freeRange(people, after.scores, ...spot);
      bar.style.marginLeft = `${100 * low}%`;
      bar.style.width = `${100 * (high - low)}%`;
      const everywhere = low <= NEAR && high >= room(weights, k, locked) - NEAR;
      const ends = { low: fixed(Math.ceil(1000 * low) / 10), high: fixed(Math.floor(1000 * high) / 10) };
      const key = grouped ? "free_about" : "free";
      write(note, everywhere ? say(`${key}_all`) : say(key, ends));
    });
    if (!way) return;
    const at = state.way === null ? say("way_off") : say("way_at", { n: fixed(100 * state.way, 0) });
    way.input.value = 100 * (state.way ?? 0.5);
    way.row.classList.toggle("off", state.way === null);
    way.input.setAttribute("aria-valuetext", at);
    write(way.value, at);
  }

  // A head count in words; where nobody may be seen, none below five.
  const few = (n) => grouped && n > NEAR && Math.round(n) < 5;
  function counted(key, n, values = {}) {
    if (!grouped) return n ? say(key, { n, ...values }) : say(`${key}_none`);
    if (few(n)) return say(`${key}_few`, values);
    return say(`${key}_about`, { n: Math.round(n), ...values });
  }

  function isMoved() {
    const flat = (weights) => weights.flat().join();
    return flat(state.weights) !== flat(inForce) || state.cuts.join() !== data.cuts.join();
  }

  function showStatus() {
    if (!isMoved()) return write(status, say("unmoved"));
    const found = compare(people, before, after, inTeam);
    const { changed, of, up, down, ranks } = found;
    const parts = [
      counted("grades", changed, { of: Math.round(of), up, down }),
      counted("ranks", ranks),
      payrollText(grouped ? found.payroll : answered?.payroll),
    ];
    if (found.lost && !grouped) parts.push(say("lost", { n: found.lost }));
    const same = grouped || answered?.turn !== post.turn || post.unsent;
    if (!same && answered.changed !== changed) parts.push(say("differs"));
    write(status, parts.join(say("between")));
  }

  function payrollText(change) {
    if (change === "late") return say("payroll_late");
    return change === undefined || change === null || Number.isNaN(change)
      ? say("payroll_unknown")
      : say("payroll", { change: `${signed(100 * change)}%` });
  }

  function drawTables() {
    blind.forEach((end) => end());
    [rows, blind] = [[], []];
    if (grouped) return tables.replaceChildren(gradeTable(), roleTable());
    return tables.replaceChildren(gradeTable(), peopleTable());
  }

  function table(caption, heads, bodies) {
    const head = heads.map((text, i) => make("th", { scope: "col", class: i ? "num" : "" }, text));
    return make(
      "table",
      {},
      make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...head)),
      make("tbody", {}, ...bodies),
    );
  }

  function line(head, n) {
    const cells = Array.from({ length: n }, () => make("td", { class: "num" }));
    return { row: make("tr", {}, make("th", { scope: "row" }, head), ...cells), cells };
  }

  /** People by grade, in force and now; no cell that a total could give away. */
  function gradeTable() {
    const lines = data.grades.map((grade) => line(grade, 2));
    rows.push(() => {
      const columns = [before, after].map((o) =>
        shownCounts(
          data.grades.map((_, g) =>
            sum(people.map((p, i) => (inTeam(p) && o.places[i] === g ? p.count : 0))),
          ),
        ),
      );
      lines.forEach(({ cells }, g) => cells.forEach((cell, c) => write(cell, columns[c][g])));
    });
    const heads = ["grade", "in_force", "with_these"].map((key) => say(key));
    return table(say(grouped ? "by_grade_about" : "by_grade"), heads, lines.map((l) => l.row));
  }

  function shownCounts(counts) {
    const hidden = counts.map(few);
    const order = counts.map((_, g) => g).sort((a, b) => counts[a] - counts[b]);
    const next = order.find((g) => !hidden[g] && counts[g] > NEAR);
    if (hidden.filter(Boolean).length === 1 && next !== undefined) hidden[next] = true;
    return counts.map((n, g) =>
      few(n) ? say("fewer") : hidden[g] ? say("hidden") : String(Math.round(n)),
    );
  }

  function roleTable() {
    const shown = data.groups.map((_, g) => g).filter((g) => inTeam(data.groups[g]));
    const lines = shown.map((g) => line(data.groups[g].title, 4));
    const members = shown.map((g) => people.map((p, i) => (p.group === g ? i : -1)).filter((i) => i >= 0));
    const mean = (o, of) => sum(of.map((i) => o.scores[i].graded)) / of.length;
    rows.push(() =>
      lines.forEach(({ cells }, at) => {
        const [was, is] = [before, after].map((o) => mean(o, members[at]));
        const texts = [String(data.groups[shown[at]].n), fixed(was), fixed(is), signed(is - was)];
        texts.forEach((text, c) => write(cells[c], text));
      }),
    );
    const heads = ["role", "people", "in_force", "with_these", "change"].map((key) => say(key));
    return table(say("by_role"), heads, lines.map((l) => l.row));
  }

  function peopleTable() {
    const shown = people
      .map((_, i) => i)
      .filter((i) => inTeam(people[i]) && people[i].seats.some((s) => s.role === state.role))
      .sort((a, b) => before.scores[b].graded - before.scores[a].graded);
    const lines = shown.map((i) => line(people[i].label, 4));
    lines.forEach(({ cells }, at) => write(cells[0], fixed(before.scores[shown[at]].graded)));
    const name = (place) => (place < 0 ? "\u2013" : data.grades[place]);
    rows.push(
      inView(lines, ({ row, cells }, at) => {
        const i = shown[at];
        const [was, is] = [before.places[i], after.places[i]];
        write(cells[1], fixed(after.scores[i].graded));
        write(cells[2], signed(after.scores[i].graded - before.scores[i].graded));
        write(cells[3], was === is ? name(is) : say("grade_to", { was: name(was), is: name(is) }));
        const mark = was === is ? "" : is < was && is >= 0 ? "up" : "down";
        if (row.className !== mark) row.className = mark;
      }),
    );
    const heads = ["person", "in_force", "with_these", "change", "grade"].map((key) => say(key));
    const title = say("by_person", { role: data.roles[state.role].title });
    const body = table(title, heads, lines.map((l) => l.row));
    return make("div", { class: "people", tabIndex: 0, role: "group", "aria-label": title }, body);
  }

  /** Return what writes all rows: those in view at once, the others when the sliders rest. */
  function inView(lines, fill) {
    const seen = new Set(lines.keys()); // until the browser says otherwise
    const places = new Map(lines.map(({ row }, at) => [row, at]));
    let timer = 0;
    const one = (at) => fill(lines[at], at);
    const all = () => lines.forEach((_, at) => one(at)); // at once: each part costs a whole layout
    const eye = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const at = places.get(target);
        if (isIntersecting) one(at);
        isIntersecting ? seen.add(at) : seen.delete(at);
      }
    });
    lines.forEach(({ row }) => eye.observe(row));
    blind.push(() => (clearTimeout(timer), eye.disconnect()));
    return () => {
      clearTimeout(timer);
      seen.forEach(one);
      if (seen.size < lines.length) timer = setTimeout(all, CALM);
    };
  }

  function saveForm() {
    const name = make("input", { id: `${uid}-name`, type: "text", required: true, maxLength: 60 });
    const reason = make("input", { id: `${uid}-why`, type: "text", required: true, maxLength: 500 });
    const told = make("p", { class: "told", role: "status" });
    const form = make(
      "form",
      { class: "keep" },
      asked("save_name", name),
      asked("save_reason", reason),
      make("button", { type: "submit" }, say("save")),
      told,
    );
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.target.type !== "text") return;
      event.preventDefault(); // JupyterLab keeps Enter from doing this by itself
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      write(told, "");
      ask.save({ ...choice(), name: name.value, reason: reason.value });
    });
    return { form, told };
  }

  function choice() {
    const named = (role, i) => [
      role.key,
      Object.fromEntries(role.items.map((item, k) => [item.key, state.weights[i][k]])),
    ];
    return { weights: Object.fromEntries(data.roles.map(named)), cuts: state.cuts, team: state.team };
  }

  function drawRoles() {
    const shown = rolesShown();
    if (!shown.includes(state.role)) state.role = shown[0];
    roles.replaceChildren(
      ...shown.map((i) => make("option", { value: i }, data.roles[i].title)),
    );
    roles.value = state.role;
  }

  function draw() {
    drawRoles();
    drawLevers();
    drawTables();
    show();
  }

  function show() {
    after = outcome(people, state.weights, state.cuts, data);
    showLevers();
    rows.forEach((update) => update());
    send();
    showStatus();
  }

  /** Tell Python of the choice; while it has not answered the last one, only the newest waits. */
  function send() {
    post.unsent = post.open;
    if (!ask.choose || post.open) return;
    post.open = true;
    ask.choose({ ...choice(), turn: ++post.turn });
    post.timer = setTimeout(() => heard({ payroll: "late", turn: 0 }), PATIENCE);
  }

  function heard(found) {
    clearTimeout(post.timer);
    answered = found;
    post.open = false;
    if (post.unsent) send();
    showStatus();
  }

  teams.addEventListener("change", () => {
    state.team = teams.value;
    draw();
  });
  roles.addEventListener("change", () => {
    state.role = Number(roles.value);
    anchor = null;
    draw();
  });
  back.addEventListener("click", () => {
    reset();
    cutFields.forEach(({ input }, i) => (input.value = data.cuts[i]));
    readCuts();
  });
  draw();

  return {
    answer(found) {
      if (found.turn === post.turn) heard(found);
    },
    saved({ text, ok }) {
      if (!keep) return;
      keep.told.classList.toggle("wrong", !ok);
      write(keep.told, text);
    },
    end() {
      clearTimeout(post.timer);
      blind.forEach((end) => end());
    },
  };
}

/** Draw a tuner in JupyterLab: choices go to Python as a trait, answers and saving by message. */
export function render({ model, el }) {
  const tuner = mount(el, model.get("data"), {
    choose(choice) {
      model.set("choice", choice);
      model.save_changes();
    },
    save: (draft) => model.send({ kind: "save", ...draft }),
  });
  model.on("change:answer", () => tuner.answer(model.get("answer")));
  model.on("msg:custom", (message) => {
    if (message.kind === "saved") tuner.saved(message);
  });
  return tuner.end;
}

export default { render };
