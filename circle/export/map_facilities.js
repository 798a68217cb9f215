// Facilities on gap_map.html: a dot each; those whose dots would overlap at this zoom are one ring with their number.

const CIRCLE_DOT = 6; // pixels from the middle to the outer edge of a single one
const circleRingSize = (count) => (count === 1 ? CIRCLE_DOT : count < 10 ? 10 : count < 100 ? 11.5 : count < 1000 ? 13.5 : 16);

// groups of points whose symbols do not overlap: what overlaps is taken together until nothing does
function circleGrouped(x, y) {
  let groups = Array.from(x, (_, i) => ({ x: x[i], y: y[i], members: [i] }));
  for (;;) {
    const merged = circleMerged(groups);
    if (merged.length === groups.length) return merged;
    groups = merged;
  }
}

function circleMerged(groups) {
  const side = 2 * circleRingSize(Infinity); // symbols that overlap lie in neighbouring cells
  const cells = new Map(), kept = [];
  const key = (column, row) => column * 0x4000000 + row;
  const put = (group) => {
    group.cell = key(Math.floor(group.x / side), Math.floor(group.y / side));
    if (!cells.has(group.cell)) cells.set(group.cell, new Set());
    cells.get(group.cell).add(group);
  };

  function overlapped(group) {
    const column = Math.floor(group.x / side), row = Math.floor(group.y / side), size = circleRingSize(group.members.length);
    let best = null, least = Infinity;
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        (cells.get(key(c, r)) || []).forEach((other) => {
          const apart = Math.hypot(other.x - group.x, other.y - group.y);
          if (apart < size + circleRingSize(other.members.length) && apart < least) { least = apart; best = other; }
        });
      }
    }
    return best;
  }

  groups.forEach((group) => {
    const into = overlapped(group);
    if (!into) { kept.push(group); put(group); return; }
    const own = group.members.length, all = own + into.members.length;
    cells.get(into.cell).delete(into);
    into.x += ((group.x - into.x) * own) / all;
    into.y += ((group.y - into.y) * own) / all;
    for (let i = 0; i < own; i++) into.members.push(group.members[i]);
    put(into);
  });
  return kept;
}

// a white disc with a number, and around it a ring with the colours of the services
const CircleRing = L.CircleMarker.extend({
  _updatePath() {
    const ctx = this._renderer._ctx, { count, parts } = this.options, { x, y } = this._point;
    if (!this._renderer._drawing || this._empty()) return;
    const size = circleRingSize(parts.reduce((sum, part) => sum + part.count, 0)) - 1;
    const disc = (radius, colour) => { ctx.beginPath(); ctx.arc(x, y, radius, 0, 2 * Math.PI); ctx.fillStyle = colour; ctx.fill(); };
    ctx.save();
    ctx.globalAlpha = 1;
    disc(size + 1, "#ffffff");
    let from = -Math.PI / 2;
    const whole = parts.reduce((sum, part) => sum + part.count, 0);
    parts.forEach((part) => {
      const to = from + (2 * Math.PI * part.count) / whole;
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.arc(x, y, size, from, to);
      ctx.fillStyle = part.colour;
      ctx.fill();
      from = to;
    });
    disc(size - 3, "#ffffff");
    ctx.fillStyle = "#222222";
    ctx.font = `600 ${count.length > 3 ? 9 : 11}px system-ui, "Noto Sans CJK SC", sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(count, x, y + 0.5);
    ctx.restore();
  },
});

function circleFacilities(map, data, view, { lookAt, beside, ringed, keep, again }) {
  const { words, state } = view;
  const { T, said, fill, popup } = words;
  const NEAREST = 18; // no zoom beyond it tells two facilities apart
  const MOST_LINES = 12;

  const nameOf = ({ number, i }) => data.services[number].facilities[i][2] || T.no_name;
  const place = ({ number, i }) => L.latLng(data.services[number].facilities[i][1], data.services[number].facilities[i][0]);
  function show(at, content) {
    L.popup(beside()).setLatLng(at).setContent(content()).openOn(map);
    const shown = (service) => state.facilities && service === state.service;
    keep({ again: again(() => show(at, content), shown) });
  }

  function card(one) {
    const line = fill(T.facility_people, { people: data.services[one.number].facilities[one.i][3], limit: said().main });
    return popup(nameOf(one), [said().services[one.number].name, line]);
  }

  // the services of some facilities, most first
  function parts(members) {
    const counts = new Map();
    members.forEach((one) => counts.set(one.number, (counts.get(one.number) || 0) + 1));
    return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .map(([number, count]) => ({ count, colour: data.services[number].colour, name: said().services[number].name }));
  }

  function title(members) {
    const each = parts(members).map(({ name, count }) => fill(T.cluster_service, { service: name, count }));
    return each.length > 1 ? fill(T.cluster, { count: members.length, services: each.join(T.cluster_joint) }) : each[0];
  }

  function listed(members) {
    const lines = members.slice(0, MOST_LINES).map((one) => fill(T.cluster_one, { name: nameOf(one), service: said().services[one.number].name }));
    if (members.length > MOST_LINES) lines.push(fill(T.cluster_rest, { count: members.length - MOST_LINES }));
    return popup(title(members), lines);
  }

  // closer, to where they come apart; those that never do are told one by one
  function spread(members, at) {
    const points = members.map((one) => map.project(place(one), NEAREST));
    const apart = circleGrouped(points.map((p) => p.x), points.map((p) => p.y)).length > 1;
    if (!apart || map.getZoom() >= NEAREST) return show(at, () => listed(members));
    const { autoPanPaddingTopLeft, autoPanPaddingBottomRight } = beside();
    const bounds = L.latLngBounds(members.map(place));
    const margin = L.point(autoPanPaddingTopLeft).add(autoPanPaddingBottomRight);
    const zoom = Math.min(NEAREST, Math.max(map.getZoom() + 1, map.getBoundsZoom(bounds, false, margin)));
    return lookAt(bounds.getCenter(), zoom);
  }

  const Layer = L.LayerGroup.extend({
    initialize(members) {
      L.LayerGroup.prototype.initialize.call(this);
      this.members = members;
      const points = members.map((one) => map.project(place(one), 0));
      this.x = Float64Array.from(points, (p) => p.x);
      this.y = Float64Array.from(points, (p) => p.y);
      this.groups = new Map(); // by zoom
      this.drawn = new Map();
    },

    onAdd() {
      L.LayerGroup.prototype.onAdd.call(this, map);
      map.on("moveend", this.lay, this);
      this.lay();
      return this;
    },

    onRemove() {
      map.off("moveend", this.lay, this);
      L.LayerGroup.prototype.onRemove.call(this, map);
    },

    // what is in view, and half of it again to each side
    lay() {
      const zoom = map.getZoom(), scale = 2 ** zoom;
      if (zoom !== this.zoom) { this.clearLayers(); this.drawn.clear(); }
      this.zoom = zoom;
      if (!this.groups.has(zoom)) this.groups.set(zoom, circleGrouped(this.x.map((value) => value * scale), this.y.map((value) => value * scale)));
      const view = map.getPixelBounds(), margin = view.getSize().divideBy(2);
      const low = view.min.subtract(margin), high = view.max.add(margin);
      let together = false;
      this.groups.get(zoom).forEach((group) => {
        const seen = group.x >= low.x && group.x <= high.x && group.y >= low.y && group.y <= high.y;
        together = together || (group.members.length > 1 && view.contains([group.x, group.y]));
        if (seen === this.drawn.has(group)) return;
        if (seen) { this.drawn.set(group, this.symbol(group)); this.addLayer(this.drawn.get(group)); return; }
        this.removeLayer(this.drawn.get(group));
        this.drawn.delete(group);
      });
      ringed(together);
    },

    // where the symbols stand, in the pixels that labels are placed in
    boxes() {
      this.lay(); // the labels may hear of a move first
      const origin = map.getPixelOrigin();
      return [...this.drawn.keys()].map((group) => {
        const size = circleRingSize(group.members.length), x = group.x - origin.x, y = group.y - origin.y;
        return { left: x - size, right: x + size, top: y - size, bottom: y + size };
      });
    },

    symbol(group) {
      const at = map.unproject([group.x, group.y], this.zoom), mine = group.members.map((k) => this.members[k]);
      if (mine.length === 1) {
        const style = { radius: 5, color: "#ffffff", weight: 1.5, fillColor: data.services[mine[0].number].colour, fillOpacity: 1, bubblingMouseEvents: false };
        return L.circleMarker(at, style).bindTooltip(() => words.el("span", "", nameOf(mine[0]))).on("click", () => show(at, () => card(mine[0])));
      }
      const count = new Intl.NumberFormat(said().tag, { notation: "compact" }).format(mine.length);
      const style = { radius: circleRingSize(mine.length), weight: 0, count, parts: parts(mine), bubblingMouseEvents: false };
      return new CircleRing(at, style).bindTooltip(() => words.el("span", "", title(mine))).on("click", () => spread(mine, at));
    },
  });

  // all services together have no facilities of their own: those of each are shown
  function layer(chosen) {
    const members = [];
    data.services.forEach((service, number) => {
      if (number === chosen || data.services[chosen].all) service.facilities.forEach((_, i) => members.push({ number, i }));
    });
    return new Layer(members);
  }

  data.services.forEach((service, number) => {
    service.open = (i) => { const one = { number, i }; lookAt(place(one), 15); show(place(one), () => card(one)); };
  });
  return { layer };
}
