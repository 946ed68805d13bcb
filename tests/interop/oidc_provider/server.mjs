// oidc-provider with the card grant: an independent server for our client and our attacks.
// Reads one JSON line of set-up on standard input, answers {"event":"ready","url":…}, ends when standard input ends.
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createInterface } from 'node:readline';

import { decodeJwt, decodeProtectedHeader, importJWK, importX509, jwtVerify } from 'jose';
import { errors, Provider } from 'oidc-provider';

import { Disk, Memory } from './disk.mjs';

// The package exports no DPoP check for grants that are registered from outside; its own grants use these two.
import { applyDpopBinding } from './node_modules/oidc-provider/lib/helpers/grant_common.js';
import validateDpop from './node_modules/oidc-provider/lib/helpers/validate_dpop.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const CHALLENGE_SECONDS = 60;
const { InvalidGrant, InvalidRequest } = errors;

const lines = createInterface({ input: process.stdin });
const setup = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const ca = new X509Certificate(setup.ca);
const url = `http${setup.tls ? 's' : ''}://127.0.0.1:${setup.port}`;

// Its own in-memory adapter forgets all but the last 1000 entries, tokens too; a benchmark makes more jti than that.
const kept = setup.disk ? new Disk(setup.disk) : new Memory();
const challenges = setup.disk ? kept : new Map();
const usedJti = setup.disk ? kept : new Map();
class KeepsAll {
  constructor(model) { this.key = (id) => `${model}:${id}`; }
  async upsert(id, payload) { kept.set(this.key(id), payload); }
  async find(id) { return kept.get(this.key(id)); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId(grant) { kept.deleteGrant(grant); }
}

// For the benchmark: clients that show a certificate (RFC 8705), and one with a secret, where `setup.tls` is given.
const peer = (ctx) => ctx.socket.getPeerX509Certificate?.();
const mTLS = {
  enabled: true,
  tlsClientAuth: true,
  getCertificate: peer,
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches: (ctx, _property, expected) => peer(ctx).subject === expected,
};
const otherClients = (setup.tls ? setup.clients : []).flatMap(({ id }) => [
  { client_id: `${id}-tls`, token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: `CN=${id}` },
  { client_id: `${id}-secret`, token_endpoint_auth_method: 'client_secret_basic', client_secret: 'a'.repeat(43) },
]).map((one) => ({ grant_types: [], response_types: [], redirect_uris: [], ...one }));

const clients = setup.clients.map(({ id, jwk }) => ({
  client_id: id,
  grant_types: [GRANT, 'client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [{ ...jwk, use: 'sig', alg: 'ES256' }] },
  dpop_bound_access_tokens: true,
  scope: 'openid social family',
}));

const provider = new Provider(url, {
  clients: [...clients, ...otherClients],
  ...(setup.tls && { adapter: KeepsAll }),
  scopes: ['openid', 'social', 'family', 'terminal'],
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  clientAuthMethods: ['private_key_jwt', ...(setup.tls ? ['tls_client_auth', 'client_secret_basic'] : [])],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, ...(setup.tls && { allowedPolicy: () => true }) },
    ...(setup.tls && { mTLS }),
    revocation: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
  },
  enabledJWA: {
    clientAuthSigningAlgValues: ['ES256'],
    dPoPSigningAlgValues: ['ES256'],
  },
  routes: {
    token: '/token', revocation: '/revoke', introspection: '/introspect', userinfo: '/api/v1/contributions', jwks: '/jwks',
  },
  ttl: { AccessToken: 300, ClientCredentials: 300, Grant: 900 },
  clockTolerance: 30,
});

const required = (value, message) => {
  if (!value) throw new InvalidGrant(message);
};

async function cardClaims(ctx, dpop) {
  const { assertion } = ctx.oidc.params;
  if (!assertion) throw new InvalidRequest('no assertion');
  let claims;
  let leaf;
  try {
    const { x5c } = decodeProtectedHeader(assertion);
    leaf = new X509Certificate(Buffer.from(x5c[0], 'base64'));
    required(leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && !leaf.ca, 'certificate');
    required(new Date(leaf.validTo) > new Date() && new Date(leaf.validFrom) < new Date(), 'certificate over');
    const verified = await jwtVerify(assertion, await importX509(leaf.toString(), 'ES256'), {
      algorithms: ['ES256'], typ: 'card-auth+jwt', audience: `${url}/token`, clockTolerance: 30, maxTokenAge: 90,
      requiredClaims: ['iat', 'exp', 'jti', 'nonce', 'cnf'],
    });
    claims = verified.payload;
  } catch (cause) {
    throw new InvalidGrant('assertion', undefined, { cause });
  }
  const cardId = leaf.subject.replace('CN=', '');
  const now = Date.now() / 1000;
  required(claims.iss === cardId && claims.sub === cardId, 'card id');
  required(claims.aud === `${url}/token` && claims.client_id === ctx.oidc.client.clientId, 'made for another');
  required(typeof claims.jti === 'string' && claims.jti.length <= 120 && claims.exp - claims.iat <= 60, 'jti or times');
  required(claims.exp > claims.iat && claims.iat < now + 30, 'times');
  required(JSON.stringify(claims.cnf) === JSON.stringify({ jkt: dpop.thumbprint }), 'cnf');
  required(JSON.stringify(claims.amr) === '["sc","pin"]' && claims.sid === undefined, 'amr');
  required(claims.auth_time === undefined || claims.auth_time >= claims.iat - 60, 'auth_time');
  const challenge = challenges.get(claims.nonce);
  challenges.delete(claims.nonce);
  required(challenge && challenge.client === claims.client_id && challenge.expires > now, 'nonce');
  required(!usedJti.has(claims.jti), 'jti');
  usedJti.set(claims.jti, claims.exp);
  return { cardId, claims };
}

const handler = async (ctx) => {
  const dpop = await validateDpop(provider, ctx);
  required(dpop, 'no DPoP proof');
  const { cardId } = await cardClaims(ctx, dpop);
  const { client, params } = ctx.oidc;
  const wanted = (params.scope ?? '').split(' ').filter(Boolean);
  if (!wanted.length || !wanted.every((one) => ['openid', 'social', 'family'].includes(one))) {
    throw new errors.InvalidScope('scope', params.scope);
  }
  const grant = new provider.Grant({ accountId: cardId, clientId: client.clientId });
  grant.addOIDCScope(`openid ${wanted.join(' ')}`);
  const token = new provider.AccessToken({
    accountId: cardId, client, grantId: await grant.save(), gty: 'card', scope: ['openid', ...wanted].join(' '),
  });
  await applyDpopBinding(provider, ctx, dpop, token);
  const sid = createHash('sha256').update(token.grantId).digest('hex').slice(0, 36);
  ctx.body = {
    access_token: await token.save(), token_type: 'DPoP', expires_in: 300, scope: wanted.join(' '),
    sid, acr: 'urn:onecard:acr:card-signature', session_expires_in: 300, holder: setup.holders[cardId],
  };
};
provider.registerGrantType(GRANT, handler, ['assertion', 'scope', 'resource'], []);

// /card/challenge has no counterpart in OpenID: the client authenticates as it does at /introspect, which we ask.
// The benchmark does without the second request: the same check of signature, times and jti, once.
const keys = new Map(await Promise.all(setup.clients.map(async ({ id, jwk }) => [id, await importJWK(jwk, 'ES256')])));
const signed = async (body) => {
  const assertion = new URLSearchParams(body).get('client_assertion');
  const { iss } = decodeJwt(assertion);
  const expected = { audience: url, issuer: iss, subject: iss, requiredClaims: ['exp', 'jti'] };
  try {
    const { payload: { jti, exp } } = await jwtVerify(assertion, keys.get(iss), expected);
    if (usedJti.has(`client:${jti}`)) return false;
    usedJti.set(`client:${jti}`, exp);
    return true;
  } catch { return false; }
};
const authenticated = async (body) => {
  if (setup.tls) return signed(body);
  const answer = await fetch(`${url}/introspect`, {
    method: 'POST', body: `${body}&token=none`, headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return answer.ok;
};

const challenge = async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const ok = await authenticated(body);
  const nonce = randomBytes(32).toString('base64url');
  if (ok) {
    const [, claims] = new URLSearchParams(body).get('client_assertion').split('.');
    const { iss } = JSON.parse(Buffer.from(claims, 'base64url'));
    challenges.set(nonce, { client: iss, expires: Date.now() / 1000 + CHALLENGE_SECONDS });
  }
  const answer = ok
    ? { nonce, host_random: randomBytes(8).toString('hex').toUpperCase(), expires_in: CHALLENGE_SECONDS }
    : { error: 'invalid_client', error_description: 'not authenticated' };
  response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
};

const serve = provider.callback();
const options = setup.tls ? { ...setup.tls, requestCert: true, rejectUnauthorized: false } : {};
const server = (setup.tls ? createSecureServer : createServer)(options, (request, response) => (
  request.url === '/card/challenge' ? challenge(request, response) : serve(request, response)
));
server.listen(setup.port, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ event: 'ready', url })}\n`));
lines.on('close', () => process.exit(0));
