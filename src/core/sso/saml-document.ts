import { unprovenAnswer } from './refusals.js';

/** Characters of XML; a response has some ten thousand. */
const LONGEST_RESPONSE = 256 * 1024;

const ALGORITHMS = new Set([
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  // With comments or without: there are none.
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);

/**
 * Refuses, before any parser reads it, what a response has no use for and attacks have: document types and with them
 * entities, comments (two readers may cut a name at them differently), CDATA, processing instructions, and SHA-1.
 * In well-formed XML a literal `<` begins markup wherever it stands, so looking for it needs no parser.
 */
export function checkSamlDocument(base64: string, provider: string): void {
  const xml = Buffer.from(base64, 'base64').toString('utf8').trim();
  if (!xml.startsWith('<')) throw unprovenAnswer(provider, 'it is no XML in base64');
  if (xml.length > LONGEST_RESPONSE) throw unprovenAnswer(provider, 'it is too long');
  const content = xml.replace(/^<\?xml\s[^?]*\?>/, '');
  if (/<[!?]/.test(content)) {
    throw unprovenAnswer(provider, 'it holds a document type, a comment, CDATA or a processing instruction');
  }
  if (/<(?:[\w.-]+:)?EncryptedAssertion\b/.test(content)) {
    throw unprovenAnswer(provider, 'its assertion is encrypted: set the provider to sign and not to encrypt');
  }
  for (const [, , algorithm] of content.matchAll(/\bAlgorithm\s*=\s*(["'])(.*?)\1/gs)) {
    if (!ALGORITHMS.has(algorithm!)) throw unprovenAnswer(provider, `the algorithm ${algorithm} is not allowed`);
  }
}
