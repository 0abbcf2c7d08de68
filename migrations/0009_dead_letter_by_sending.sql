-- A dead letter that is told of again is known by its stage, the time at which it was sent, and its body.
create index dead_letter_by_sending on ops.dead_letter (stage, created_at);
