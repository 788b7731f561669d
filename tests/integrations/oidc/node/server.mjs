// An OpenID provider as `oidc-provider` makes it, all strictness left on, with people that the test names.
//   node server.mjs '{"issuer": …, "port": …, "client": {…}, "people": {"ada": {…claims}}, "proved": {"amr": […]}, "algorithm": "ES256", "options": {}}'
// Whoever the test's browser says it is (?login=ada at the interaction) is logged in; consent is given at once.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const asked = JSON.parse(process.argv[2]);
const { privateKey } = await generateKeyPair(asked.algorithm, { extractable: true });
const key = { ...(await exportJWK(privateKey)), alg: asked.algorithm, use: "sig", kid: "of a test" };
const provider = new Provider(asked.issuer, {
  clients: [{ ...asked.client, id_token_signed_response_alg: asked.algorithm }],
  jwks: { keys: [key] },
  enabledJWA: { idTokenSigningAlgValues: [asked.algorithm] },
  claims: { openid: ["sub"], amr: null, profile: ["name", "preferred_username"], email: ["email"], groups: ["groups"] },
  cookies: { keys: ["only for a test"] },
  features: { claimsParameter: { enabled: true }, devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ...asked.options,
  findAccount: (context, id) => asked.people[id] && { accountId: id, claims: () => ({ sub: id, ...asked.people[id] }) },
});

async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const login = new URL(request.url, asked.issuer).searchParams.get("login");
  if (prompt.name === "login") {
    const result = login ? { login: { accountId: login, ...asked.proved } } : { error: "access_denied" };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addOIDCClaims(["amr"]);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  return interact(request, response).catch((error) => response.writeHead(400).end(String(error)));
}).listen(asked.port, "127.0.0.1", () => console.log("listening"));
