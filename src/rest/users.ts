import { type Endpoint, endpoint } from './endpoint.js';
import { array, query } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import type { Services } from './services.js';
import { toUser, userView } from './user.view.js';

export function userEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/users',
      access: 'admin',
      query: query({}, pageParameters),
      answer: array(userView),
      docs: {
        id: 'listUsers',
        tag: 'Authentication',
        summary: 'All accounts, newest first',
        description: 'For administrators, who see who there is and nothing of what anybody owns.',
        responseHeaders: pageHeaders,
      },
      handle: async (call) => sendPage(await services.accounts.list(call.query), toUser, call, call.query),
    }),
  ];
}
