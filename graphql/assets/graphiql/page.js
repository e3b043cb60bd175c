// The page is served at the endpoint that it sends its queries to. Headers, with the token among them, are not kept in
// the browser.
const welcome = `# A token goes into the headers below: { "Authorization": "Bearer …" }
# What is public, and the schema, need none.

{
  __typename
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: location.pathname }),
    defaultQuery: welcome,
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
