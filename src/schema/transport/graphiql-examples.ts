const headers = JSON.stringify({ Authorization: 'Bearer ' }, null, 2);

interface Tab {
  readonly query: string;
  readonly variables?: string;
  readonly headers: string;
}

function tab(query: string, variables?: unknown): Tab {
  return { query, headers, ...(variables !== undefined && { variables: JSON.stringify(variables, null, 2) }) };
}

/** The main job in tabs: an account, a table, a run, its progress, its report. */
export const EXAMPLE_TABS: Tab[] = [
  // The first tab's variables are not taken over by GraphiQL, so it has none.
  tab(`# Make an account. Then log in: the next tab.
mutation Register {
  register(input: { email: "ann@example.com", password: "secure-password" }) {
    ... on User { id email }
    ... on Error { code message }
    ... on ValidationError { fields { field message } }
  }
}`),
  tab(
    `# Copy the access token into the Headers of the other tabs:
# { "Authorization": "Bearer <accessToken>" }
mutation Login($input: LoginInput!) {
  login(input: $input) {
    ... on Session { accessToken expiresIn }
    ... on Error { code message }
  }
}`,
    { input: { email: 'ann@example.com', password: 'secure-password' } },
  ),
  tab(`# Your tables. A file is uploaded as a GraphQL multipart request, from a terminal for example:
# curl HOST/graphql -H "Authorization: Bearer TOKEN" \\
#   -F operations='{"query":"mutation($file: File!) { uploadDataset(file: $file) { ... on Dataset { id } ... on Error { message } } }","variables":{"file":null}}' \\
#   -F map='{"0":["variables.file"]}' -F 0=@people.csv
query Datasets {
  datasets(first: 10) {
    totalCount
    edges {
      node {
        id
        name
        rowCount
        columns { name kind missingFraction }
        rows(first: 3) { columns edges { node { values } } }
      }
    }
  }
}`),
  tab(
    `# Train a generator, then draw rows from it.
mutation Generate($datasetId: ID!) {
  generate(input: { datasetId: $datasetId, generator: { gaussianCopula: {} }, rowCount: 1000, seed: 1 }) {
    ... on Generator { id status warnings { message } }
    ... on Error { code message }
    ... on ValidationError { fields { field message } }
  }
}`,
    { datasetId: '' },
  ),
  tab(
    `# The state as it is now, then each change until it has ended.
subscription Watch($generatorId: ID!) {
  generationProgress(generatorId: $generatorId) {
    status
    progress
    phase
    epoch
    epochs
    etaSeconds
    metrics { name value }
    error { type detail }
    generator { downloadUrl rows(first: 3) { columns edges { node { values } } } }
  }
}`,
    { generatorId: '' },
  ),
  tab(
    `# How good are the rows, and how safe?
mutation Evaluate($generatorId: ID!) {
  evaluate(input: { generatorId: $generatorId }) {
    ... on Evaluation { id status }
    ... on Error { code message }
  }
}`,
    { generatorId: '' },
  ),
  tab(`# The scores of the newest evaluation.
query Scores {
  evaluations(first: 1) {
    edges { node { id status progress scores { evaluator metric value } reportUrl } }
  }
}`),
];
