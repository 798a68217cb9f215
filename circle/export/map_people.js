// The places of gap_map.html: unpacked, and counted for any position of the slider.

async function circlePeople(head, packed, districts) {
  const FULL = 2 ** 24 - 1;
  const TYPES = { f8: Float64Array, i4: Int32Array, u2: Uint16Array, u1: Uint8Array };
  const none = { places: 0, count: () => null };

  if (!head.own || typeof DecompressionStream === "undefined") return none;
  const buffer = await circleInflated(packed);
  const columns = {};
  let begin = 0;
  head.columns.forEach(([name, type]) => {
    columns[name] = new TYPES[type](buffer, begin, head.places);
    begin += columns[name].byteLength;
  });

  // on the square of Web Mercator, from 0 to 1: for pixels only, never for lengths
  const n = head.places;
  const x = new Float64Array(n), y = new Float64Array(n), latitude = new Float64Array(n), longitude = new Float64Array(n);
  for (let i = 0, lon = 0, lat = 0; i < n; i++) {
    lon += columns.lon[i];
    lat += columns.lat[i];
    longitude[i] = lon / 1e5;
    latitude[i] = lat / 1e5;
    x[i] = longitude[i] / 360 + 0.5;
    y[i] = 0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude[i] * Math.PI) / 360)) / (2 * Math.PI);
  }

  const times = head.columns.filter(([name]) => name.startsWith("time")).map(([name]) => columns[name]);

  const answers = head.answers ? await circlePlanes(head.answers[0], head.answers[1]) : null;
  if (answers) {
    times.forEach((_, service) => {
      const cost = answers[`cost${service}`], beyond = answers[`beyond${service}`], time = times[service];
      ["straight", "beyond"].forEach((name) => circleSummed(answers[name + service]));
      for (let i = 0, k = 0; i < n; i++) cost[i] = time[i] < head.bounds.length ? head.bounds[time[i]] - cost[i] : beyond[k++];
      const leg = answers[`leg${service}`], before = answers[`leg${service - 1}`];
      if (before) for (let i = 0; i < n; i++) leg[i] += before[i];
    });
  }

  // all services are reached when the last of them is
  const latest = new Uint8Array(n);
  times.forEach((time) => { for (let i = 0; i < n; i++) if (time[i] > latest[i]) latest[i] = time[i]; });
  const timeOf = (service) => times[service] || latest;

  // people by district and step, summed up once for each service and group
  const last = 2 * head.main;
  const tables = new Map();
  function table(service, group) {
    const key = `${service} ${group}`;
    if (!tables.has(key)) {
      const rows = Math.max(districts, 1), width = last + 2; // the last: beyond the slider
      const sums = new Float64Array(rows * width);
      const time = timeOf(service), people = columns[`people${group}`], district = columns.district;
      for (let i = 0; i < head.own; i++) sums[district[i] * width + Math.min(time[i], last + 1)] += people[i];
      for (let row = 0; row < rows; row++) for (let k = 1; k < width; k++) sums[row * width + k] += sums[row * width + k - 1];
      tables.set(key, { sums, rows, width });
    }
    return tables.get(key);
  }

  // who is within k steps: of the region, those of unknown place among its people, and of each district
  function count(service, group, k) {
    const { sums, rows, width } = table(service, group);
    const each = Array.from({ length: rows }, (_, row) => {
      const people = sums[row * width + last + 1], covered = sums[row * width + k];
      return { people, covered, uncovered: people - covered, share: people > 0 ? covered / people : null };
    });
    const covered = each.reduce((sum, one) => sum + one.covered, 0);
    const people = head.people[group], unknown = head.unknown[group];
    const located = each.reduce((sum, one) => sum + one.people, 0);
    return { people, covered, unknown, uncovered: located - covered, share: people > 0 ? covered / people : null, each };
  }

  // the place nearest to a point of the square, no farther than so much of it; -1 without one
  function nearestOf(from, to, atX, atY, farthest) {
    let best = -1, least = farthest * farthest;
    for (let i = from; i < to; i++) {
      const square = (x[i] - atX) ** 2 + (y[i] - atY) ** 2;
      if (square <= least) { least = square; best = i; }
    }
    return best;
  }
  // those outside every district are not drawn: whoever clicks beside one of the region's means that
  function nearest(...at) {
    const own = nearestOf(0, head.own, ...at);
    return own < 0 ? nearestOf(head.own, n, ...at) : own;
  }

  // what place i knows of a service; null where the page holds too many places for that
  function answer(service, i) {
    const of = (name) => answers[name + service][i];
    if (!answers) return null;
    const [cost, straight, leg] = ["cost", "straight", "leg"].map((name) => (of(name) === FULL ? null : of(name)));
    return { cost, straight, leg, facility: of("facility"), status: of("status") };
  }

  return {
    nearest, answer,
    places: n, own: head.own, x, y, longitude, latitude, times, timeOf, count, last,
    people: (group) => columns[`people${group}`], district: (i) => columns.district[i], cell: head.cell,
  };
}
