/** Puts Swagger UI in the place of the plain list. Plain JavaScript, as browsers get it. */
export const START_SCRIPT = `const list = document.getElementById("plain");
const place = document.createElement("div");
SwaggerUIBundle({
  url: list.dataset.document,
  domNode: place,
  deepLinking: true,
  // The default asks a service on the internet.
  validatorUrl: null,
  onComplete: () => list.replaceWith(place),
});
`;
