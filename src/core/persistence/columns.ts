import { Column, type ColumnOptions, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** Times are kept as epoch milliseconds: the same type, order and precision in SQLite and PostgreSQL. */
const milliseconds: ValueTransformer = {
  to: (value?: Date | null) => (value == null ? value : value.getTime()),
  from: (value?: string | number | null) => (value == null ? null : new Date(Number(value))),
};

const integer: ValueTransformer = {
  to: (value?: number | null) => value,
  from: (value?: string | number | null) => (value == null ? null : Number(value)),
};

/** A UUIDv7, made by the application. */
export const IdColumn = () => PrimaryColumn({ type: 'varchar', length: 36 });
export const ReferenceColumn = (options: ColumnOptions = {}) => Column({ ...options, type: 'varchar', length: 36 });
export const TimeColumn = (options: ColumnOptions = {}) =>
  Column({ ...options, type: 'bigint', transformer: milliseconds });
/** An integer up to 2^53. */
export const CountColumn = (options: ColumnOptions = {}) =>
  Column({ ...options, type: 'bigint', transformer: integer });
export const JsonColumn = (options: ColumnOptions = {}) => Column({ ...options, type: 'simple-json' });
