// oidc-provider, which rotates always and ends the grant when a spent refresh token comes back.
// Runs in the folder that node_modules is in: node oidc_provider.mjs PORT LIFE, of access tokens in seconds.
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(`${process.cwd()}/node_modules/oidc-provider/lib/index.js`);
const { Provider } = await import(entry);
const [port, life] = process.argv.slice(2).map(Number);

// Clients that may have client credentials, by how they prove themselves. Keys are new in every run.
const pair = (kind, options) => generateKeyPairSync(kind, options);
const pem = ({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' });
const jwk = ({ publicKey }, more) => ({ ...publicKey.export({ format: 'jwk' }), ...more });
const [current, next] = [1, 2].map(() => pair('ec', { namedCurve: 'P-256' }));
const rsa = pair('rsa', { modulusLength: 2048 });
const machine = (client_id, token_endpoint_auth_method, more) => ({
  client_id, token_endpoint_auth_method, ...more, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
});
const signing = (alg, method, more) =>
  machine(`rekindle-${alg}`, method, { token_endpoint_auth_signing_alg: alg, ...more });
const keys = { keys: [jwk(next, { kid: 'next' }), jwk(current, { kid: 'current' })] };
const machines = {
  // RFC 6749 section 2.3.1: both are form-encoded before Basic.
  basic: machine('rekindle:basic', 'client_secret_basic', { client_secret: 'synthetic secret: 100%+' }),
  ES256: signing('ES256', 'private_key_jwt', { jwks: keys }),
  RS256: signing('RS256', 'private_key_jwt', { jwks: { keys: [jwk(rsa)] } }),
  HS256: signing('HS256', 'client_secret_jwt', { client_secret: 'synthetic-secret-of-32-bytes-or-more' }),
};
const secrets = {
  basic: machines.basic.client_secret,
  ES256: pem(current),
  RS256: pem(rsa),
  HS256: machines.HS256.client_secret,
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'rekindle',
    client_secret: 'synthetic-client-secret',
    redirect_uris: ['https://client.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
  }, ...Object.values(machines)],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  ttl: { AccessToken: life },
  pkce: { required: () => false },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
});

// Answers do not say why a client is refused; the log does.
provider.on('grant.error', (_, error) => console.log(error.error_detail ?? error.cause?.message ?? error.message));

// The one who signs in is let in, and lets the client do what it asks for: nobody fills in a form.
provider.use(async (ctx, next) => {
  const [, folder] = ctx.path.split('/');
  if (folder !== 'interaction') return next();
  const { prompt, params, grantId, session } = await provider.interactionDetails(ctx.req, ctx.res);
  let result = { login: { accountId: 'someone' } };
  if (prompt.name === 'consent') {
    const known = grantId && (await provider.Grant.find(grantId));
    const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true }));
});

// What a person would copy from the page on which the client is registered.
provider.use((ctx, next) => {
  const [, folder, by] = ctx.path.split('/');
  if (folder !== 'machine' || ctx.method !== 'POST') return next();
  ctx.body = { client_id: machines[by].client_id, secret: secrets[by] };
});
provider.listen(port, '127.0.0.1');
