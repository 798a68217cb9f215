// The badges of gaps and the names of places on gap_map.html, none upon another.

function circleLabels(map, data, { words, home, state = {} }) {
  // who gives way when labels meet: the first gap to none, then the names without which nobody knows where this is
  // (districts; where there are none, the largest places), the next gaps, cities and towns, other gaps, other places
  const DISTRICTS = 1, FIRST = 10, NEXT = 1000, PLACES = 2000, BADGES = 2001.5;
  const MOST_NAMES = 400; // of places; the search knows more
  const LARGEST = map.getSize().x < 500 ? 5 : 12; // places that are named from afar, whatever they are
  const OVERVIEW = 50; // ranks in view of the whole region; four times as many with each step of the zoom
  // where a name may stand, in halves of its own size and of a badge's from its point: on it, above, below, right, left, aslant
  const ON = [[0, 0]];
  const AROUND = [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];
  const FARTHER = [...AROUND, [0, -2], [0, 2], [1, -2], [-1, -2], [1, 2], [-1, 2]]; // a district is larger than its point
  const REACH = 300; // pixels: what lies farther outside the picture reaches not into it
  const APART = 46; // pixels at the least from a later badge to another: a carpet of numbers hides what they are about
  const BADGE = 13; // half the size of one, in pixels
  let labels = [], symbols = () => [];

  function icon(className, content) {
    return L.divIcon({ className, html: words.el("span", "", content), iconSize: null });
  }

  // stands in the page from when it is first near enough to be seen: thousands would be laid out for nothing
  function badge(gap, title, group) {
    const marker = L.marker(gap.site, { icon: icon("circle-badge", String(gap.number)), title, keyboard: true, riseOnHover: true });
    const first = gap.rank <= FIRST;
    const zoom = Math.max(0, Math.log2(gap.rank / OVERVIEW));
    const order = gap.rank === 1 ? 0 : (first ? NEXT : BADGES) + gap.rank;
    labels.push({ marker, order, zoom, clear: first ? 1 : 14, spots: ON, soft: first, badge: true, group });
    return marker;
  }

  function nameLayer() {
    const group = L.layerGroup();
    const add = (at, name, className, order, zoom, must) => {
      if (!name) return;
      const marker = L.marker(at, { icon: icon(className, name), interactive: false, keyboard: false });
      labels.push({ marker: marker.addTo(group), order, zoom, clear: 1, spots: must ? FARTHER : AROUND, must });
    };
    data.districts.forEach((d) => add(d.at, d.name, "circle-label circle-district", DISTRICTS, 0, true));
    const named = data.districts.some((d) => d.name), first = named ? PLACES : DISTRICTS;
    data.places.slice(0, MOST_NAMES).forEach(([lon, lat, name, rank], i) => {
      const large = i < LARGEST;
      add([lat, lon], name, "circle-label", (large ? first : PLACES) + rank, large ? 0 : Math.max(0, rank - 1), large && !named);
    });
    return group;
  }

  const widened = ({ left, right, top, bottom }, by) => ({ left: left - by, right: right + by, top: top - by, bottom: bottom + by });
  const meet = (a, b) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

  function around(at, [halfWide, halfHigh], [dx, dy], clear) {
    const x = at.x + dx * (halfWide + BADGE + clear), y = at.y + dy * (halfHigh + BADGE + clear);
    return { dx: x - at.x, dy: y - at.y, left: x - halfWide - clear, right: x + halfWide + clear, top: y - halfHigh - clear, bottom: y + halfHigh + clear };
  }

  // what no name may be hidden by: the panel and the buttons in the corners of the map, in the pixels that labels are placed in
  function covered(corner) {
    const container = map.getContainer(), whole = container.getBoundingClientRect();
    return [...container.querySelectorAll(".circle-frame, .leaflet-control")].map((node) => node.getBoundingClientRect()).map((box) => ({
      left: box.left - whole.left + corner.x, right: box.right - whole.left + corner.x, top: box.top - whole.top + corner.y, bottom: box.bottom - whole.top + corner.y,
    }));
  }

  // a label wants half its `zoom` more than that of the whole region
  function declutter() {
    const closer = map.getZoom() - home, corner = map.containerPointToLayerPoint([0, 0]), size = map.getSize();
    const inside = (box) => box.left >= corner.x && box.right <= corner.x + size.x && box.top >= corner.y && box.bottom <= corner.y + size.y;
    const shut = covered(corner), taken = [], named = new Set();
    const all = labels.map((label) => ({ ...label, at: map.latLngToLayerPoint(label.marker.getLatLng()) }));
    const candidate = ({ at, zoom, badge }) => !(zoom > 0 && closer < zoom / 2) && !(badge && state.away)
      && at.x >= corner.x - REACH && at.x <= corner.x + size.x + REACH && at.y >= corner.y - REACH && at.y <= corner.y + size.y + REACH;
    const seen = [];
    all.forEach((label) => {
      const shown = candidate(label);
      if (shown && label.group) label.group.addLayer(label.marker);
      if (label.marker.getElement()) label.marker.getElement().style.display = shown ? "" : "none";
      if (shown) seen.push(label);
    });
    seen.sort((a, b) => a.order - b.order);
    const nodes = seen.map((label) => label.marker.getElement());
    // all are measured before any is hidden, or the browser would lay out the page once for each
    const sizes = nodes.map((node) => [node.firstChild.offsetWidth / 2, node.firstChild.offsetHeight / 2]);
    // not where an animation has brought them by now
    const points = seen.map((label) => label.at);
    const badges = seen.flatMap((label, i) => (label.soft ? [around(points[i], sizes[i], [0, 0], 1)] : []));
    const facilities = symbols();
    const beside = ({ x, y }, [halfWide, halfHigh]) => { // of the facilities those that the label can meet at all
      const wide = 2 * halfWide + 60, high = 3 * halfHigh + 70;
      return facilities.filter((box) => box.left < x + wide && box.right > x - wide && box.top < y + high && box.bottom > y - high);
    };
    const crowded = (box, label) => label.badge && !label.soft && taken.some((other) => other.badge && meet(widened(box, APART), other));
    // half a name at the edge of the picture or under the panel is no name; a badge stands where its gap is, or not at all
    const fits = (box, label) => (label.spots === ON || (inside(box) && !shut.some((other) => meet(box, other)))) && !taken.some((other) => meet(box, other));
    seen.forEach((label, i) => {
      const name = nodes[i].textContent; // a town is not named again beside its district
      const wanted = !named.has(name);
      const near = wanted && !label.soft ? beside(points[i], sizes[i]) : [];
      const over = (box) => near.filter((other) => meet(box, other)).length;
      const free = wanted ? label.spots.map((spot) => around(points[i], sizes[i], spot, label.clear)).filter((box) => fits(box, label) && !crowded(box, label) && (label.must || !over(box))) : [];
      // of the spots that are free the first that hides no facility and none of the first gaps, else the one that hides fewest
      const hides = free.map((box) => (label.spots === ON ? 0 : badges.filter((other) => meet(box, other)).length + over(box)));
      const box = free[hides.indexOf(Math.min(...hides))];
      if (!box) { nodes[i].style.display = "none"; return; }
      Object.assign(nodes[i].firstChild.style, { left: `${box.dx}px`, top: `${box.dy}px` });
      taken.push({ ...box, badge: label.badge });
      named.add(name);
    });
  }

  const forget = () => { labels = []; };

  const avoid = (boxes) => { symbols = boxes; };

  return { badge, nameLayer, declutter, forget, avoid };
}
