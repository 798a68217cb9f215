// gap_map.html: what is chosen is drawn, from the data in the page, by the functions of the files beside this one.
"use strict";

function circleMap(map, data) {
  const state = { service: data.shown, shading: "isochrones", gaps: true, people: true, facilities: true, names: true };
  if (!data.services[state.service].isochrones.some((shapes) => shapes.length)) state.shading = "districts";
  const drawn = {};
  const words = circleWords(data);
  const panel = circlePanel(data, state, words, draw);

  document.documentElement.lang = data.lang;
  map.attributionControl.setPrefix("Leaflet");
  L.control.scale({ imperial: false }).addTo(map);
  if (data.attribution) map.attributionControl.addAttribution(data.attribution);
  map.getContainer().append(panel.node);
  // on a narrow screen the panel lies below: scale and sources stand on top of its title
  map.getContainer().style.setProperty("--circle-title", `${panel.node.firstChild.offsetHeight + 22}px`);
  map.fitBounds(data.bounds, { paddingTopLeft: [10, 10], paddingBottomRight: [panel.beside(), panel.below()], animate: false });

  const labels = circleLabels(map, data, words);
  const layers = circleLayers(map, data, words, panel, labels);

  function draw() {
    const service = data.services[state.service];
    Object.values(drawn).forEach((layer) => layer.remove());
    labels.forget();
    map.closePopup();
    const wanted = { ...state, isochrones: state.shading === "isochrones", choropleth: state.shading === "districts", districts: true };
    Object.entries(layers.make).forEach(([name, make]) => { if (wanted[name]) drawn[name] = make(service).addTo(map); });
    labels.declutter();
    panel.show(service);
  }

  layers.drawBackground();
  map.on("zoomend", () => {
    Object.values(drawn).forEach((layer) => layer.fit && layer.fit());
    labels.declutter();
  });
  draw();
  map.getContainer().dataset.ready = "true";
}
