// A relying party on openid-client. Reads one JSON line of set-up, answers the authorization URL, reads the address that
// the browser came back to, answers the id_token's claims and userinfo. One JSON line each.
import { createInterface } from 'node:readline';

import { importPKCS8 } from 'jose';
import * as client from 'openid-client';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const setup = await next();
const key = await importPKCS8(setup.key, 'ES256');
const config = await client.discovery(
  new URL(setup.issuer), setup.client_id, {}, client.PrivateKeyJwt(key), { execute: [client.allowInsecureRequests] },
);
client.enableNonRepudiationChecks(config);

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: setup.redirect_uri, scope: 'openid', state, nonce, code_challenge_method: 'S256',
  code_challenge: await client.calculatePKCECodeChallenge(verifier), max_age: '900', ...setup.more,
});
say({ address: address.href });

const { returned } = await next();
const DPoP = setup.dpop ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined;
try {
  const tokens = await client.authorizationCodeGrant(config, new URL(returned), {
    pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 900,
  }, undefined, { DPoP });
  const claims = tokens.claims();
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
  say({ claims, info, token_type: tokens.token_type });
} catch (error) {
  say({ error: error.error ?? error.code ?? error.message, cause: String(error.cause ?? '') });
}
process.exit(0);
