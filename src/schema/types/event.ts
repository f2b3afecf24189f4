import { callerOf } from '../context.js';
import { PUBLIC_EVENTS, type PublicEventType, type SchemaKit } from '../enums.js';
import { findNode } from './node.js';

export function addEvents({ builder, enums }: SchemaKit): void {
  builder.objectType('Event', {
    description: 'Something that happened to what the caller owns.',
    fields: (t) => ({
      // The source lets public events through alone.
      type: t.field({ type: enums.eventType, resolve: ({ type }) => type as PublicEventType }),
      subjectId: t.exposeID('subjectId'),
      subject: t.field({
        type: 'Node',
        nullable: true,
        description: 'What it happened to, as it is now; null when it is gone.',
        resolve: ({ subjectId }, _args, context) => findNode(context, subjectId),
      }),
    }),
  });
  builder.subscriptionField('events', (t) =>
    t.field({
      type: 'Event',
      policy: 'read',
      description: 'What happens from now on; all types when none is named.',
      args: { types: t.arg({ type: [enums.eventType] }) },
      subscribe: (_root, { types }, context) =>
        context.services.events.subscribe(
          { ownerId: callerOf(context).userId, types: types ?? PUBLIC_EVENTS },
          context.signal,
        ),
      resolve: (event) => event,
    }),
  );
}
