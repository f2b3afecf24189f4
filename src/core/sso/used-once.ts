import { createHash } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, LessThan } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { isUniqueViolation } from '../persistence/database-errors.js';
import { UsedOnce } from './used-once.entity.js';

/** Tells the first use of something from any other, over all processes on one database. */
@scoped(Lifecycle.ContainerScoped)
export class UsedOnceRegister {
  constructor(@inject(DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** Whether this is the first use. `expiresAt` is when it would be refused anyway. */
  async take(thing: string, expiresAt: Date): Promise<boolean> {
    const rows = this.dataSource.getRepository(UsedOnce);
    await rows.delete({ expiresAt: LessThan(new Date()) });
    const id = createHash('sha256').update(thing).digest('hex');
    try {
      await rows.insert({ id, expiresAt });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
