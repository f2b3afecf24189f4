import { z } from 'zod';
import { marginalConfigKeys } from '../../core/plugin-api/index.js';

export const independentConfig = z.strictObject(marginalConfigKeys);
