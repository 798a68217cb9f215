// province_map.html: the counties coloured by what is chosen, a card for each, from the data in the page.
"use strict";

// what counties can be coloured by: covered share, people not covered, change of the share since another period
const COUNTY_COLOURS = {
  share: ["#fbeecb", "#aecdc3", "#78aeb0", "#3f8697", "#12566f"],
  uncovered: ["#fdf0d9", "#f7cf96", "#eaa25a", "#c96a2b", "#7f3510"],
  change: ["#a64b00", "#eba45b", "#f4f4f4", "#a9a3d2", "#4b3a8c"],
  nobody: "#dddddd",
  failed: ["#ececec", "#8a8a8a"],
  border: "#6b6b6b",
  chosen: "#111111",
};

// stripes for counties without an answer: no colour of any class
function countyHatch() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = COUNTY_COLOURS.failed[0];
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = COUNTY_COLOURS.failed[1];
  pen.lineWidth = 1.5;
  [-8, 0, 8].forEach((shift) => { pen.beginPath(); pen.moveTo(shift - 1, 9); pen.lineTo(shift + 9, -1); pen.stroke(); });
  return { tile, pattern: pen.createPattern(tile, "repeat") };
}

function countyPoints(steps) {
  const points = [];
  for (let i = 0, lon = 0, lat = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    points.push([lat / 1e5, lon / 1e5]);
  }
  return points;
}

// the numbers of one county, service and group; null where there are none
function countyNumbers(data) {
  const at = (s, g, name, i) => { const own = data.values[s][g][name]; return own ? own[i] : null; };
  return {
    of: (s, g, i) => ({
      people: data.people[g][i], share: at(s, g, "share", i), straight: at(s, g, "straight", i), covered: at(s, g, "covered", i),
      uncovered: at(s, g, "uncovered", i), median: at(s, g, "median", i), facilities: at(s, 0, "facilities", i), gaps: at(s, 0, "gaps", i),
      gap: at(s, 0, "gap", i), gapPeople: at(s, 0, "gapPeople", i), rank: at(s, g, "rank", i), change: at(s, g, "change", i), before: at(s, g, "before", i), uncoveredBefore: at(s, g, "uncoveredBefore", i),
    }),
    all: (s, g, name) => data.values[s][g][name] || [],
  };
}

// bounds of five classes, and in which one a number lies
function countyClasses(data, numbers, state) {
  // two digits and zeros
  const unitOf = (value) => (value >= 10 ? 10 ** (Math.floor(Math.log10(value)) - 1) : 1);
  const round = (value) => Math.round(value / unitOf(value)) * unitOf(value);

  // fifths of everybody; where nearly all counties would have one colour, even steps of what they differ by
  function shares() {
    const known = numbers.all(state.service, state.group, "share").filter((value) => value !== null), fifths = [0.2, 0.4, 0.6, 0.8];
    const counts = [0, 0, 0, 0, 0];
    known.forEach((value) => { counts[classOf(value, fifths)]++; });
    const low = Math.min(...known), high = Math.max(...known);
    if (known.length < 3 || Math.max(...counts) < 0.9 * known.length || high - low < 0.002) return fifths;
    const step = Math.max(1, Math.ceil((high - low) * 200 - 1e-9)), from = Math.floor((low * 1000) / step); // in thousandths
    return [1, 2, 3, 4].map((k) => Math.min(995 + k, (from + k) * step) / 1000);
  }

  function bounds() {
    if (state.measure === "share") return shares();
    if (state.measure === "change") return [-0.05, -0.01, 0.01, 0.05];
    const known = numbers.all(state.service, state.group, "uncovered").filter((value) => value !== null).sort((a, b) => a - b);
    const parts = [0.2, 0.4, 0.6, 0.8].map((part) => round(known[Math.floor(part * (known.length - 1))] || 0));
    // no class of no width: half of the counties may be served to the last person
    parts.forEach((value, i) => { parts[i] = Math.max(value, 1, i ? parts[i - 1] + unitOf(parts[i - 1]) : 0); });
    return parts;
  }

  function classOf(value, limits) {
    return limits.filter((limit) => value >= limit).length;
  }

  return { bounds, classOf };
}

async function circleCounties(map, data) {
  const state = { lang: data.lang, service: data.shown, group: 0, measure: "share", names: true };
  const words = circleWords(data, state), numbers = countyNumbers(data), hatch = countyHatch();
  const classes = countyClasses(data, numbers, state);
  const view = { words, state, numbers, classes, hatch, home: 0 };
  const services = Array.from({ length: Math.max(1, data.values.length) }, () => ({ gaps: [], facilities: [], all: false }));
  const search = circleSearch({ ...data, districts: data.counties, places: [], services }, view); // counties are all that is found
  const panel = countyPanel(data, view, { draw, speak, search });
  const card = countyCard(data, view);
  const shapes = data.counties.map((county) => county.shape && L.polygon(county.shape.map((polygon) => polygon.map(countyPoints)), {
    stroke: true, color: COUNTY_COLOURS.border, weight: 0.7, fill: true, fillOpacity: 1, smoothFactor: 0.5,
  }));
  let chosen = null, open = -1;

  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPosition("bottomleft").setPrefix("Leaflet");
  map.getContainer().prepend(panel.node);
  panel.speak();
  view.lookAtAll = () => map.fitBounds(data.bounds, { paddingTopLeft: [10, 10], paddingBottomRight: [panel.beside(), panel.below()], animate: false });
  view.lookAtAll();
  view.home = map.getZoom();
  const named = data.named.map((i) => data.counties[i]).filter((county) => county.name.trim());
  const labels = circleLabels(map, { districts: named, places: [] }, view);
  const access = circleAccess(map, view, panel);

  function draw() {
    const limits = classes.bounds();
    shapes.forEach((shape, i) => {
      if (!shape) return;
      const own = data.counties[i].failed ? null : numbers.of(state.service, state.group, i);
      const value = own && own.people > 0 ? own[state.measure] : null;
      const fillColor = !own ? hatch.pattern : value === null || value === undefined ? COUNTY_COLOURS.nobody : COUNTY_COLOURS[state.measure][classes.classOf(value, limits)];
      shape.setStyle({ fillColor });
    });
    panel.show();
    if (open >= 0) card.fill(open);
  }

  function mark(i) {
    if (chosen !== null) shapes[chosen].setStyle({ color: COUNTY_COLOURS.border, weight: 0.7 });
    chosen = i >= 0 && shapes[i] ? i : null;
    if (chosen !== null) shapes[chosen].setStyle({ color: COUNTY_COLOURS.chosen, weight: 2.5 }).bringToFront();
  }

  // the card of a county; from the panel or the search the map goes there first
  function show(i, at) {
    if (!at && shapes[i]) {
      const box = shapes[i].getBounds(), middle = map.latLngToContainerPoint(data.counties[i].at), size = map.getSize();
      const seen = middle.x > 20 && middle.y > 20 && middle.x < size.x - panel.beside() && middle.y < size.y - panel.covers();
      if (!seen || map.getBoundsZoom(box) - map.getZoom() > 3)
        map.fitBounds(box, { paddingTopLeft: [40, 60], paddingBottomRight: [panel.beside() + 30, panel.covers() + 40], maxZoom: Math.max(map.getZoom(), map.getBoundsZoom(box) - 1.5), animate: false });
    }
    if (window.innerWidth < 700) panel.fold();
    const node = card.make(i);
    open = i;
    mark(i);
    const popup = L.popup({ maxWidth: 330, minWidth: Math.min(250, window.innerWidth - 90), autoPanPaddingTopLeft: [map.getSize().x < 500 ? 10 : 60, 10], autoPanPaddingBottomRight: [panel.beside(), panel.covers() + 20] })
      .setLatLng(at || data.counties[i].at || map.getCenter()).setContent(node);
    popup.openOn(map);
    open = i; // the card before this one has closed by now
    mark(i);
  }
  map.on("popupclose", () => { open = -1; mark(-1); });

  shapes.forEach((shape, i) => {
    data.counties[i].open = () => show(i);
    if (!shape) return;
    shape.on("click", (event) => show(i, event.latlng)).addTo(map);
  });

  // a name stands in its county, or not at all; those of the largest help to find one's way
  const LEAST = 44, LARGEST = 12;
  const names = labels.nameLayer(), markers = names.getLayers();
  const boxes = named.map((county) => county.shape && shapes[data.counties.indexOf(county)].getBounds());
  function naming() {
    if (state.names) names.addTo(map); else names.remove();
    markers.forEach((marker, k) => {
      const wide = map.latLngToLayerPoint(boxes[k].getNorthEast()).x - map.latLngToLayerPoint(boxes[k].getSouthWest()).x;
      if (wide >= LEAST || (k < LARGEST && wide >= LEAST / 3)) names.addLayer(marker); else names.removeLayer(marker);
    });
    labels.declutter();
  }
  view.naming = naming;

  function speak() {
    document.documentElement.lang = words.said().tag;
    document.title = words.said().title;
    if (view.source) map.attributionControl.removeAttribution(view.source);
    view.source = words.said().attribution;
    if (view.source) map.attributionControl.addAttribution(view.source);
    panel.speak();
    access.speak();
    draw();
  }

  map.on("moveend", naming);
  speak();
  naming();
  map.getContainer().dataset.ready = "true";
}
