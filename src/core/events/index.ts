export * from './channel.js';
export * from './event-bus.js';
