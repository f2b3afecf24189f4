import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findPythonWith } from './python.js';

const PROGRAM = fileURLToPath(new URL('saml_provider.py', import.meta.url));
const NEEDS = {
  name: 'saml',
  packages: ['pysaml2==7.5.5', 'pyXMLSecurity==1.0.0'],
  purpose: 'The tests of SAML, which log in at a real provider,',
};

/** The provider's name for itself. */
export const SAML_ISSUER = 'https://provider.example/saml';

/** pysaml2 behind a log-in form, in a process of its own. */
export async function startSamlProvider() {
  const child = spawn(await findPythonWith(NEEDS), ['-W', 'ignore', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('The SAML provider did not start');
    return value as string;
  };
  const { url, key, certificate } = JSON.parse(await nextLine()) as Record<'url' | 'key' | 'certificate', string>;
  return {
    url,
    key,
    certificate,
    /** Tells the provider of the studio: from then on it answers. */
    introduce: async (metadata: string) => {
      child.stdin.end(metadata);
      await nextLine();
    },
    close: async () => {
      child.kill();
      await exited;
    },
  };
}
