// The chain with @azure/identity and openai, as a test suite makes it. Node's own fetch knows no
// proxy, so it is told.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are where the benchmark's flag says, not beside this file.
const require = createRequire(process.env.BENCH_NODE + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)));
const [{ ClientAssertionCredential, getBearerTokenProvider }, { AzureOpenAI }, { ProxyAgent, fetch }] = (
  await Promise.all([load("@azure/identity"), load("openai"), load("undici")])
).map((m) => ({ ...m.default, ...m }));

const { env } = process;
const dispatcher = new ProxyAgent({ uri: env.HTTPS_PROXY, requestTls: { ca: (await import("node:fs")).readFileSync(env.NODE_EXTRA_CA_CERTS) } });

async function assertion() {
  const url = env.ACTIONS_ID_TOKEN_REQUEST_URL + "&audience=" + encodeURIComponent("api://AzureADTokenExchange");
  const response = await fetch(url, { dispatcher, headers: { Authorization: "Bearer " + env.ACTIONS_ID_TOKEN_REQUEST_TOKEN } });
  return (await response.json()).value;
}

const credential = new ClientAssertionCredential(env.BENCH_TENANT_ID, env.BENCH_CLIENT_ID, assertion);
const client = new AzureOpenAI({
  endpoint: env.BENCH_ENDPOINT,
  apiVersion: "2024-10-21",
  azureADTokenProvider: getBearerTokenProvider(credential, "https://cognitiveservices.azure.com/.default"),
  maxRetries: 0,
  fetch: (url, init) => fetch(url, { ...init, dispatcher }),
});
await client.chat.completions.create({
  model: env.BENCH_DEPLOYMENT,
  messages: [{ role: "user", content: "ping" }],
  max_tokens: 16,
});
process.exit(0);
