import { fileURLToPath } from 'node:url';

/** The built trainer program, beside the program that starts it. */
export const trainerEntry = fileURLToPath(new URL('./trainer.js', import.meta.url));
