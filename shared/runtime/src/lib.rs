//! What every function needs around its handler: configuration, tracing, the SQS batch adapter, deadlines, the stage queue.
