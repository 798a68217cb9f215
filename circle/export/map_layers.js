// The layers of gap_map.html. Shapes come as steps of 1e-5 degrees: [lon, lat, dlon, dlat, ...].

const CIRCLE_COLOURS = {
  isochrones: ["#2c7fb0", "#dbeaf2"], // shortest and longest limit
  classes: ["#f4ead5", "#d3dfcf", "#9fc6c1", "#5c9ca6", "#1f6a80"], // share covered, 20 % each
  nobody: "#dddddd",
  gap: "#d55e00",
  dot: "#a63603",
  border: "#6b6b6b",
  roads: [{ color: "#8d8d8d", weight: 2 }, { color: "#a8a8a8", weight: 1.3 }, { color: "#c4c4c4", weight: 0.8 }],
};

function circleColours(data) {
  function mix(from, to, share) {
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => Math.round(part(from, i) + share * (part(to, i) - part(from, i))));
    return `rgb(${mixed.join(",")})`;
  }

  const last = data.limits.length - 1;
  const limitColour = (i) => mix(CIRCLE_COLOURS.isochrones[0], CIRCLE_COLOURS.isochrones[1], last ? i / last : 0.4);
  const shareClass = (share) => Math.min(4, Math.floor(share * 5));
  const shareColour = (share) => (share === null ? CIRCLE_COLOURS.nobody : CIRCLE_COLOURS.classes[shareClass(share)]);

  return { limitColour, shareClass, shareColour };
}

function circleLayers(map, data, words, panel, labels) {
  const { T, fill, percent, popup } = words;
  const { limitColour, shareColour } = circleColours(data);
  const last = data.limits.length - 1;
  const home = map.getZoom(); // at which the whole region is seen

  function decode(steps) {
    const points = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      points.push([lat / 1e5, lon / 1e5]);
    }
    return points;
  }

  const rings = (polygons) => polygons.map((polygon) => polygon.map(decode));

  function pane(name, order) {
    const made = map.createPane(name);
    made.style.zIndex = order;
    made.style.pointerEvents = "none"; // only the topmost canvas hears the mouse: these must not stand in its way
    return { pane: name, renderer: L.canvas({ pane: name, padding: 0.3 }), interactive: false };
  }

  const water = pane("circle-water", 230);
  const shading = pane("circle-shading", 240);
  const ground = pane("circle-ground", 250);
  const dots = pane("circle-dots", 410);
  map.getPane("circle-shading").style.opacity = 0.72;

  function drawBackground() {
    const b = data.background;
    L.polygon(rings(b.water), { ...water, stroke: false, fill: true, fillColor: "#cfe2ec", fillOpacity: 1 }).addTo(map);
    L.polyline(b.water_lines.map(decode), { ...ground, color: "#9cc4d8", weight: 1.4 }).addTo(map);
    [...b.roads].reverse().forEach((lines, i) =>
      L.polyline(lines.map(decode), { ...ground, ...CIRCLE_COLOURS.roads[b.roads.length - 1 - i] }).addTo(map));
    L.polyline(b.motorway.map(decode), { ...ground, color: "#9a9a9a", weight: 1.8 }).addTo(map);
    L.polyline(b.railway.map(decode), { ...ground, color: "#777777", weight: 1.2, dashArray: "6 4" }).addTo(map);
  }

  function isochroneLayer(service) {
    return L.layerGroup(service.isochrones.map((polygons, i) =>
      L.polygon(rings(polygons), { ...shading, stroke: false, fill: true, fillColor: limitColour(last - i), fillOpacity: 1 })));
  }

  function choroplethLayer(service) {
    return L.layerGroup(data.districts.map((district, i) => {
      const colour = shareColour(service.districts[i][2]);
      return L.polygon(rings(district.shape), { ...shading, stroke: false, fill: true, fillColor: colour, fillOpacity: 1 });
    }));
  }

  function districtLayer(service) {
    return L.layerGroup(data.districts.map((district, i) => {
      const [people, uncovered, share] = service.districts[i];
      const lines = [
        fill(T.district_covered, { people, share: percent(share), limit: data.main }),
        fill(T.district_uncovered, { people: uncovered }),
      ];
      const style = { color: CIRCLE_COLOURS.border, weight: 1.2, dashArray: "5 3", fill: true, fillOpacity: 0 };
      return bound(L.polygon(rings(district.shape), style), popup(`${district.name} · ${service.name}`, lines));
    }));
  }

  // what a popup must not be hidden by: the buttons of the zoom, and the panel
  const bound = (layer, content) =>
    layer.bindPopup(content, { autoPanPaddingTopLeft: [60, 10], autoPanPaddingBottomRight: [panel.beside(), panel.below()] });

  function gapLayer(service) {
    const group = L.layerGroup();
    const shapes = [];
    // seen from afar, a thousand outlines would be all there is to see
    group.fit = () => shapes.forEach((shape) => shape.setStyle({ weight: Math.max(0.2, Math.min(1, (map.getZoom() - home + 1) / 3)) }));
    service.gaps.forEach((gap) => {
      const title = gap.rank === null ? gap.name : fill(T.gap_title, { rank: gap.rank, name: gap.name || T.no_name });
      const style = { color: CIRCLE_COLOURS.gap, weight: 0.2, fillColor: CIRCLE_COLOURS.gap, fillOpacity: gap.rank === null ? 0.1 : 0.28 };
      const shape = bound(L.polygon(rings(gap.shape), style), popup(title, gap.lines)).addTo(group);
      if (gap.rank === null) return;
      shapes.push(shape);
      const badge = bound(labels.badge(gap, title), popup(title, gap.lines)).addTo(group);
      const way = gap.nearest && L.polyline([gap.site, gap.nearest], { color: "#333333", weight: 1.5, dashArray: "2 5", interactive: false });
      [shape, badge].forEach((layer) => way && layer.on("popupopen", () => way.addTo(group)).on("popupclose", () => way.removeFrom(group)));
      gap.open = () => {
        panel.unfold();
        const zoom = Math.max(map.getZoom(), 13);
        const middle = map.project(gap.site, zoom).add([(panel.beside() - 10) / 2, 0]); // of what the panel leaves free
        map.setView(map.unproject(middle, zoom), zoom);
        badge.openPopup();
      };
    });
    group.fit();
    return group;
  }

  function peopleLayer(service) {
    const most = Math.max(1, ...service.uncovered);
    const group = L.layerGroup();
    const sized = [];
    data.cells.forEach(([lon, lat], i) => {
      const people = service.uncovered[i];
      if (people <= 0) return;
      const dot = L.circleMarker([lat, lon], { ...dots, radius: 1, stroke: false, fill: true, fillColor: CIRCLE_COLOURS.dot, fillOpacity: 0.55 });
      sized.push([dot.addTo(group), Math.sqrt(people / most)]);
    });
    // neighbours may touch but not pile up: seen from afar they are small, or the whole land would be one blot
    group.fit = () => {
      const step = map.project([0, data.cell], map.getZoom()).x - map.project([0, 0], map.getZoom()).x;
      const largest = Math.max(2.5, Math.min(7, 1.2 * step));
      sized.forEach(([dot, size]) => dot.setRadius(Math.max(0.5, largest * size)));
    };
    group.fit();
    return group;
  }

  function facilityLayer(chosen) {
    const group = L.layerGroup();
    // all services together have no facilities of their own: those of each are shown
    (chosen.facilities.length ? [chosen] : data.services).forEach((service) => service.facilities.forEach(([lon, lat, name, people]) => {
      const style = { radius: 5, color: "#ffffff", weight: 1.5, fillColor: service.colour, fillOpacity: 1 };
      const line = fill(T.facility_people, { people, limit: data.main });
      bound(L.circleMarker([lat, lon], style), popup(name || T.no_name, [service.name, line])).addTo(group);
    }));
    return group;
  }

  const make = {
    isochrones: isochroneLayer, choropleth: choroplethLayer, districts: districtLayer,
    people: peopleLayer, gaps: gapLayer, facilities: facilityLayer, names: labels.nameLayer,
  };
  return { drawBackground, make };
}
