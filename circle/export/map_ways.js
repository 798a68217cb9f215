// The ways of gap_map.html, unpacked at the first click: from a place along the streets to the nearest facility of a service.

// columns of whole numbers that were folded to ones of 0 and more and stand by their bytes, all lowest ones first
async function circlePlanes(told, packed) {
  const all = new Uint8Array(await circleInflated(packed)), found = {};
  let begin = 0;
  told.forEach(([name, width, length]) => {
    const values = (found[name] = new Int32Array(length));
    for (let byte = 0; byte < width; byte++) for (let i = 0; i < length; i++) values[i] |= all[begin++] << (8 * byte);
    for (let i = 0; i < length; i++) values[i] = (values[i] >>> 1) ^ -(values[i] & 1);
  });
  return found;
}

const circleSummed = (steps) => { for (let i = 1; i < steps.length; i++) steps[i] += steps[i - 1]; };

function circleWays(people, head, packed) {
  const NONE = 0, AHEAD = 1, BACK = 2, BESIDE = 3, DIRECT = 4, KINDS = 5; // how a way begins
  const ARRIVES = 1, TURNS = 2;
  let columns = null, place = null, node = null;

  const begins = (counts) => {
    const first = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) first[i + 1] = first[i] + counts[i];
    return first;
  };

  // the ends of edges in rows by junction: edge e is e at its tail and edges + e at its head
  function ends(tail, head, count) {
    const edges = tail.length, many = new Int32Array(count);
    const at = (k) => (k < edges ? tail[k] : head[k - edges]);
    for (let k = 0; k < 2 * edges; k++) many[at(k)]++;
    const first = begins(many), filled = first.slice(), row = new Int32Array(2 * edges);
    for (let k = 0; k < 2 * edges; k++) row[filled[at(k)]++] = k;
    return { first, row };
  }

  let begun = null;
  const ready = () => (begun = begun || open());
  async function open() {
    const c = await circlePlanes(head.columns, packed);
    ["lon", "lat", "tail", "stop_edge"].forEach((name) => circleSummed(c[name]));
    for (let e = 0; e < c.head.length; e++) c.head[e] += c.tail[e];
    c.first_inner = begins(c.inner);
    node = ends(c.tail, c.head, c.lon.length);
    place = begins(c.stops);
    columns = c;
  }

  // what only one service needs: its goals, and which of them each way that is not over junctions leads to
  const services = new Map();
  function service(number) {
    if (!services.has(number)) {
      const of = (name) => columns[name + number], way = of("way"), tree = of("tree");
      ["goal_lon", "goal_lat"].forEach((name) => circleSummed(of(name)));
      const numbered = (values, has) => { let next = 0; return Int32Array.from(values, (value) => (has(value) ? next++ : -1)); };
      const goal = numbered(way, (value) => value % KINDS === BESIDE || value % KINDS === DIRECT);
      services.set(number, { of, way, tree, goal, end: numbered(tree, (value) => value === ARRIVES) });
    }
    return services.get(number);
  }

  // metres on the ellipsoid between two points of less than a few kilometres apart: [degrees north, degrees east]
  function metres([lat1, lon1], [lat2, lon2]) {
    const A = 6378137, E2 = 0.0066943799901413165, radian = Math.PI / 180;
    const middle = ((lat1 + lat2) / 2) * radian, curvature = 1 - E2 * Math.sin(middle) ** 2, across = A / Math.sqrt(curvature);
    const meridian = (across * (1 - E2)) / curvature;
    return Math.hypot(meridian * (lat2 - lat1) * radian, across * Math.cos(middle) * (lon2 - lon1) * radian);
  }
  const long = (points) => points.reduce((sum, point, i) => (i ? sum + metres(points[i - 1], point) : 0), 0);

  function line(e) {
    const c = columns, points = [[c.lat[c.tail[e]] / 1e6, c.lon[c.tail[e]] / 1e6]];
    let lat = c.lat[c.tail[e]], lon = c.lon[c.tail[e]];
    for (let v = c.first_inner[e]; v < c.first_inner[e + 1]; v++) {
      lat += c.inner_lat[v];
      lon += c.inner_lon[v];
      points.push([lat / 1e6, lon / 1e6]);
    }
    return [...points, [c.lat[c.head[e]] / 1e6, c.lon[c.head[e]] / 1e6]];
  }

  // from so many metres after the start of an edge to so many, in the direction of the way
  function part(e, from, to) {
    if (from > to) return part(e, to, from).reverse();
    const points = line(e), cut = [];
    const between = (i, share) => [0, 1].map((axis) => points[i - 1][axis] + share * (points[i][axis] - points[i - 1][axis]));
    let before = 0;
    const at = (sum, i, step) => between(i, step > 0 ? Math.min(1, Math.max(0, (sum - before) / step)) : 0);
    for (let i = 1; i < points.length; i++) {
      const step = metres(points[i - 1], points[i]), last = i === points.length - 1;
      if (!cut.length && (from < before + step || last)) cut.push(at(from, i, step));
      if (cut.length && (to <= before + step || last)) return [...cut, at(to, i, step)];
      if (cut.length) cut.push(points[i]);
      before += step;
    }
    return cut;
  }

  // the way of place i: its points on the roads, none where it takes none, and the goal; null where there is no way
  function follow(number, i) {
    const s = service(number), kind = s.way[i] % KINDS, c = columns;
    if (kind === NONE) return null;
    const beside = s.goal[i] >= 0 ? s.of("goal")[s.goal[i]] : -1;
    if (kind === DIRECT) return { points: [], goal: beside };
    const stop = place[i] + Math.floor(s.way[i] / KINDS), e = c.stop_edge[stop], from = c.stop_m[stop] / 10;
    if (kind === BESIDE) return { points: part(e, from, s.of("goal_m")[beside] / 10), goal: beside };
    const pieces = [kind === AHEAD ? part(e, from, Infinity) : part(e, from, 0)];
    let at = kind === AHEAD ? c.head[e] : c.tail[e];
    while (s.tree[at] >= TURNS) {
      const k = node.row[node.first[at] + s.tree[at] - TURNS], ahead = k < c.tail.length, edge = ahead ? k : k - c.tail.length;
      pieces.push(ahead ? line(edge) : line(edge).reverse());
      at = ahead ? c.head[edge] : c.tail[edge];
    }
    const end = s.of("end")[s.end[at]], goal = end >> 1, last = s.of("goal_edge")[goal] - 1;
    pieces.push(part(last, end & 1 ? 0 : Infinity, s.of("goal_m")[goal] / 10));
    return { points: pieces.flatMap((piece, k) => (k ? piece.slice(1) : piece)), goal };
  }

  // legs in their order: kind, points, metres as the crow flies or along the road, and what they cost
  function way(number, i) {
    const found = follow(number, i), answer = people.answer(number, i);
    if (!found || !answer || answer.cost === null) return null;
    const s = service(number), start = [people.latitude[i], people.longitude[i]];
    const door = [s.of("goal_lat")[found.goal] / 1e6, s.of("goal_lon")[found.goal] / 1e6];
    const off = (kind, points, told) => {
      const length = told === null ? long(points) : told;
      return { kind, points, length, walked: length * head.circuity, cost: (length * head.circuity) / head.speed };
    };
    if (!found.points.length) return { door, legs: [{ ...off("direct", [start, door], answer.leg), cost: answer.cost }] };
    const { points } = found, length = long(points);
    const access = off("access", [start, points[0]], answer.leg), egress = off("egress", [points[points.length - 1], door], s.of("goal_leg")[found.goal]);
    const cost = Math.max(0, answer.cost - access.cost - egress.cost);
    return { door, legs: [access, { kind: "network", points, length, walked: length, cost }, egress] };
  }

  return { ready, way, metres };
}
