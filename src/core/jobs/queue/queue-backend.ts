import { type AgendaBackend, InMemoryNotificationChannel } from 'agenda';
import type { DataSource } from 'typeorm';
import { QueueRepository } from './queue-repository.js';

/** Agenda on the studio's database; the connection stays the studio's. */
export class QueueBackend implements AgendaBackend {
  readonly name = 'TypeORM';
  readonly ownsConnection = false;
  readonly notificationChannel = new InMemoryNotificationChannel();
  readonly repository: QueueRepository;

  constructor(dataSource: DataSource) {
    this.repository = new QueueRepository(dataSource);
  }

  async connect(): Promise<void> {}

  async disconnect(): Promise<void> {}
}
