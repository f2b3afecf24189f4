import { keepCompiledCode } from './compile-cache.js';

keepCompiledCode();
await import('./serve.js');
