// The map of circle check: roads, districts, facilities, and what is suspicious, from the data in the page.
"use strict";

(function () {
  const data = JSON.parse(document.getElementById("check-data").textContent);
  const map = L.map("map", { preferCanvas: true, zoomSnap: 0.5, maxZoom: 19 });
  map.attributionControl.setPrefix("Leaflet");
  if (data.attribution) map.attributionControl.addAttribution(data.attribution);
  L.control.scale({ imperial: false }).addTo(map);
  map.fitBounds(data.bounds, { padding: [16, 16], animate: false });

  // text from data is only ever put into the page as text
  function el(tag, className, content) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (content !== undefined) node.textContent = content;
    return node;
  }

  // shapes come as steps: [lon, lat, dlon, dlat, ...] in units of 1 / scale degrees
  function decode(steps) {
    const points = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      points.push([lat / data.scale, lon / data.scale]);
    }
    return points;
  }

  const ROADS = [{ color: "#8d8d8d", weight: 2 }, { color: "#a8a8a8", weight: 1.3 }, { color: "#c4c4c4", weight: 0.8 }];
  data.roads.forEach((lines, rank) => {
    L.polyline(lines.map(decode), { ...ROADS[rank], interactive: false }).addTo(map);
  });
  data.districts.forEach(([name, polygons]) => {
    const shape = L.polygon(polygons.map((rings) => rings.map(decode)), {
      color: "#6b6b6b", weight: 1.5, dashArray: "6 4", fillOpacity: 0,
    });
    shape.bindTooltip(() => el("span", "", name), { sticky: true }).addTo(map);
  });
  for (let i = 0; i < data.facilities.length; i += 2) {
    L.circleMarker([data.facilities[i] / data.scale, data.facilities[i + 1] / data.scale], {
      radius: 2, stroke: false, fillColor: "#444", fillOpacity: 0.5, interactive: false,
    }).addTo(map);
  }
  const markers = data.suspects.map(([kind, lat, lon, sentence]) => {
    const popup = el("div", "check-popup", sentence);
    const marker = L.circleMarker([lat, lon], {
      radius: 6, color: "#fff", weight: 1.5, fillColor: data.colours[kind], fillOpacity: 0.95,
    });
    return marker.bindPopup(popup, { maxWidth: 260 }).addTo(map);
  });

  document.querySelectorAll("button[data-suspect]").forEach((button) => {
    button.addEventListener("click", () => {
      const marker = markers[Number(button.dataset.suspect)];
      document.getElementById("map").scrollIntoView({ block: "nearest" });
      map.setView(marker.getLatLng(), Math.max(map.getZoom(), 14), { animate: false });
      marker.openPopup();
    });
  });
  document.getElementById("map").dataset.ready = "true";
})();
