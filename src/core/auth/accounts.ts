import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { encodeCursor, findPage, type Page, type PageRequest } from '../persistence/paging.js';
import { User } from './user.entity.js';

/** The accounts, as an administrator sees them: who there is, and nothing of what anybody owns. */
@scoped(Lifecycle.ContainerScoped)
export class Accounts {
  constructor(@inject(DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** The newest first. */
  list(page: PageRequest): Promise<Page<User>> {
    const query = this.dataSource.getRepository(User).createQueryBuilder('u');
    return findPage(query, { column: 'createdAt', direction: 'DESC' }, page);
  }

  cursor(user: User): string {
    return encodeCursor(user.createdAt, user.id);
  }
}
