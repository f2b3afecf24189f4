import { User } from '../../core/auth/user.entity.js';
import { Dataset } from '../../core/datasets/dataset.entity.js';
import { Evaluation } from '../../core/evaluations/evaluation.entity.js';
import { Generator } from '../../core/generators/generator.entity.js';
import { callerOf, type RequestContext } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { orNull } from '../or-null.js';

type AnyNode = User | Dataset | Generator | Evaluation;

export function addNode({ builder }: SchemaKit): void {
  builder.interfaceType('Node', {
    description: 'A thing with an id of its own; ids are the same in REST.',
    fields: (t) => ({ id: t.exposeID('id') }),
    resolveType: (value) => typeNameOf(value as AnyNode),
  });
  builder.queryField('node', (t) =>
    t.field({
      type: 'Node',
      nullable: true,
      policy: 'read',
      description: 'Whatever has this id; null where the caller owns nothing by it.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => findNode(context, id),
    }),
  );
}

/** An id does not tell its type, so each service is asked, in the order of likelihood. */
export async function findNode(context: RequestContext, id: string): Promise<AnyNode | null> {
  const { userId } = callerOf(context);
  const { services } = context;
  return (
    (await orNull(services.datasets.get(userId, id))) ??
    (await orNull(services.generators.get(userId, id))) ??
    (await orNull(services.evaluations.get(userId, id))) ??
    (id === userId ? services.auth.user(id) : null)
  );
}

function typeNameOf(value: AnyNode) {
  if (value instanceof Dataset) return 'Dataset';
  if (value instanceof Generator) return 'Generator';
  return value instanceof Evaluation ? 'Evaluation' : 'User';
}
