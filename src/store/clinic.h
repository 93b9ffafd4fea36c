/*
 * clinic.h: the SQL of what belongs to a clinic: its settings, devices, protocols, hand-overs, its part of the audit trail
 * and the reading of its records for research.
 */
#ifndef LW_STORE_CLINIC_H
#define LW_STORE_CLINIC_H

#include "store/store.h"

/*
 * The text of a published version, appended to out, if the clinic has it. LW_ERR_NOT_FOUND otherwise. The built-in protocol
 * is published in every clinic when the clinic is made, so it is found here too.
 */
LW_MUST_CHECK int32_t lw_clinic_protocol(lw_sql *sql, lw_str clinic, lw_str sha256, lw_buf *out);

/* Whether a device of this id belongs to the clinic and is in use. */
LW_MUST_CHECK int32_t lw_clinic_device(lw_sql *sql, lw_str clinic, lw_str device, bool *found);

#endif
