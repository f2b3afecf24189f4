import { Initial1795527133829 } from './1795527133829-initial.js';
import { AddApiKeys1795537046828 } from './1795537046828-add-api-keys.js';
import { AddSingleSignOn1795537247622 } from './1795537247622-add-single-sign-on.js';
import { PrivacyAccounts1795536757936 } from './1795536757936-privacy-accounts.js';
import { AddLoginSlowing1795538117806 } from './1795538117806-add-login-slowing.js';
import { RunOptions1795538173374 } from './1795538173374-run-options.js';
import { Operations1795537640582 } from './1795537640582-operations.js';
import { SharesOfColumns1795966200000 } from './1795966200000-shares-of-columns.js';
import { RateCounts1795536924327 } from './1795536924327-rate-counts.js';
import { Webhooks1795537126104 } from './1795537126104-webhooks.js';
import { AuditTrail1795540076919 } from './1795540076919-audit-trail.js';
import { AuditStart1795555007970 } from './1795555007970-audit-start.js';
import { Idempotency1795543075854 } from './1795543075854-idempotency.js';

/** In order; one that was released is never changed. */
export const MIGRATIONS = [
  Initial1795527133829,
  PrivacyAccounts1795536757936,
  RateCounts1795536924327,
  AddApiKeys1795537046828,
  Webhooks1795537126104,
  AddSingleSignOn1795537247622,
  Operations1795537640582,
  AddLoginSlowing1795538117806,
  RunOptions1795538173374,
  AuditTrail1795540076919,
  Idempotency1795543075854,
  AuditStart1795555007970,
  SharesOfColumns1795966200000,
];
