import type { AnyGeneratorPlugin } from '../plugin-api/index.js';

/** What a training may cost the rows it reads, known before it starts. */
export type PrivacyCost =
  | { readonly bounded: true; readonly epsilon: number; readonly delta: number | null }
  /** `reason` goes on a sentence. */
  | { readonly bounded: false; readonly epsilon: number; readonly delta: number | null; readonly reason: string };

/** By the promise of the plugin and the budget in its config: every private generator has the keys `epsilon` and `delta`. */
export function privacyCost(plugin: AnyGeneratorPlugin, config: unknown, seedGiven: boolean): PrivacyCost {
  if (plugin.capabilities.differentialPrivacy === null) {
    const reason = `${plugin.id} promises no differential privacy: choose a generator that does`;
    return { bounded: false, epsilon: 0, delta: 0, reason };
  }
  const budget = config as { readonly epsilon: number; readonly delta?: number | null };
  const { epsilon, delta = null } = budget;
  if (!seedGiven) return { bounded: true, epsilon, delta };
  const reason = 'noise from a seed that is given can be drawn again and taken away: leave the seed out';
  return { bounded: false, epsilon, delta, reason };
}
