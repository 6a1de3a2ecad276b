// oidc-provider, which rotates always and ends the grant when a spent refresh token comes back.
// Runs in the folder that node_modules is in: node oidc_provider.mjs PORT
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(`${process.cwd()}/node_modules/oidc-provider/lib/index.js`);
const { Provider } = await import(entry);
const port = Number(process.argv[2]);
const scope = 'openid offline_access';
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'rekindle',
    client_secret: 'synthetic-client-secret',
    redirect_uris: ['https://client.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
  }],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  features: { devInteractions: { enabled: false } },
});

// What the authorisation code flow would leave behind, without a browser.
provider.use(async (ctx, next) => {
  if (ctx.path !== '/grant' || ctx.method !== 'POST') return next();
  const client = await provider.Client.find('rekindle');
  const grant = new provider.Grant({ accountId: 'someone', clientId: 'rekindle' });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const token = new provider.RefreshToken({
    accountId: 'someone', client, grantId, scope, gty: 'authorization_code', rotations: 0,
  });
  ctx.body = { refresh_token: await token.save() };
});
provider.listen(port, '127.0.0.1');
