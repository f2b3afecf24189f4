import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { Lifecycle, scoped } from 'tsyringe';

/** Looks names up as the rest of the machine does: hosts file, then DNS. */
@scoped(Lifecycle.ContainerScoped)
export class HostResolver {
  /** Every address of a name; rejects where it has none. */
  resolve(hostname: string): Promise<LookupAddress[]> {
    return lookup(hostname, { all: true });
  }
}
