//! The integration tests, one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod arrays;
mod assets;
mod checkpoint;
mod checkpoint_sources;
mod cli;
mod collections;
mod compile_errors;
mod consumers;
mod edit;
mod errors;
mod exchange;
mod export;
mod fine_tuning;
mod first_version;
mod functions;
mod golden;
mod import;
mod imported;
mod instance;
mod interface;
mod lint;
mod load;
mod meta_graph;
mod modules;
mod others;
mod programs;
mod reject;
mod saved_model;
mod tables;
mod text;
mod unknown_shapes;
mod variants;
mod view;
mod warnings;
