// Limits own what a request may cost: one table, and what holds a request against it, from the text of its body on.
export { readDocument } from './document';
export { refuseShape } from './body';
export { isOpen, refuseOperation } from './operation';
export { RequestAccount } from './request-account';
export { LIMITS } from './table';
export { refuseUnstorableText } from './variables';
