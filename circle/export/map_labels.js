// The badges of gaps and the names of places on gap_map.html, none upon another.

function circleLabels(map, data, { words, home }) {
  // who gives way when labels meet: the first gaps to none, then districts, cities and towns, other gaps, other places
  const FIRST = 10, DISTRICTS = 1000, PLACES = 2000, BADGES = 2001.5;
  const MOST_NAMES = 400; // of places; the search knows more
  const OVERVIEW = 50; // ranks in view of the whole region; four times as many with each step of the zoom
  let labels = [];

  function icon(className, content) {
    return L.divIcon({ className, html: words.el("span", "", content), iconSize: null });
  }

  function badge(gap, title) {
    const marker = L.marker(gap.site, { icon: icon("circle-badge", String(gap.rank)), title, keyboard: true, riseOnHover: true });
    const first = gap.rank <= FIRST;
    const zoom = Math.max(0, Math.log2(gap.rank / OVERVIEW));
    labels.push({ marker, order: first ? gap.rank : BADGES + gap.rank, zoom, clear: first ? 1 : 14 });
    return marker;
  }

  function nameLayer() {
    const group = L.layerGroup();
    const add = (at, name, className, order, zoom) => {
      if (!name) return;
      const marker = L.marker(at, { icon: icon(className, name), interactive: false, keyboard: false });
      labels.push({ marker: marker.addTo(group), order, zoom, clear: 1 });
    };
    data.districts.forEach((d) => add(d.at, d.name, "circle-label circle-district", DISTRICTS, 0));
    data.places.slice(0, MOST_NAMES).forEach(([lon, lat, name, rank]) => add([lat, lon], name, "circle-label", PLACES + rank, Math.max(0, rank - 1)));
    return group;
  }

  // a label wants half its `zoom` more than that of the whole region
  function declutter() {
    const near = map.getZoom() - home, corner = map.containerPointToLayerPoint([0, 0]);
    const frame = L.bounds(corner, corner.add(map.getSize()));
    const hole = map.getContainer().querySelector(".circle-frame").getBoundingClientRect(), whole = map.getContainer().getBoundingClientRect();
    const panel = L.bounds(corner.add([hole.left - whole.left, hole.top - whole.top]), corner.add([hole.right - whole.left, hole.bottom - whole.top]));
    const taken = [], named = new Set();
    const seen = labels.filter((label) => label.marker.getElement()).sort((a, b) => a.order - b.order);
    const nodes = seen.map((label) => label.marker.getElement());
    nodes.forEach((node) => { node.style.display = ""; });
    // all are measured before any is hidden, or the browser would lay out the page once for each
    const sizes = nodes.map((node) => [node.firstChild.offsetWidth / 2, node.firstChild.offsetHeight / 2]);
    seen.forEach((label, i) => {
      const at = map.latLngToLayerPoint(label.marker.getLatLng()); // not where an animation has brought it by now
      const x = sizes[i][0] + label.clear, y = sizes[i][1] + label.clear;
      const box = { left: at.x - x, right: at.x + x, top: at.y - y, bottom: at.y + y };
      const name = nodes[i].textContent; // a town is not named again beside its district
      // half a name at the edge of the picture or of the panel is no name
      const cut = !label.marker.options.keyboard && (box.left < frame.min.x || box.right > frame.max.x || box.top < frame.min.y || box.bottom > frame.max.y ||
        panel.overlaps(L.bounds([box.left, box.top], [box.right, box.bottom])));
      const hidden = cut || (label.zoom > 0 && near < label.zoom / 2) || named.has(name) ||
        taken.some((t) => box.left < t.right && box.right > t.left && box.top < t.bottom && box.bottom > t.top);
      if (hidden) { nodes[i].style.display = "none"; return; }
      taken.push(box);
      named.add(name);
    });
  }

  const forget = () => { labels = []; };

  return { badge, nameLayer, declutter, forget };
}
