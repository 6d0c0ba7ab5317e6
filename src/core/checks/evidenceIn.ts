/** What a tool saw, for the reader and for a model, which is spoken to in English in every language. */

/** @param evidence in the reader's language. @param told in English. */
export function evidenceIn(evidence: string, told: string): { evidence: string; told?: string } {
  return evidence === told ? { evidence } : { evidence, told };
}
