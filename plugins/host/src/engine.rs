//! The one engine: deterministic, without any ambient authority, with a pool of slots for
//! instances.

use crate::limits::{self, Limits};
use std::thread;
use wasmtime::{
    Cache, Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result,
};

/// Makes the engine and starts the thread that drives its epochs, which ends with the engine.
pub(crate) fn start(limits: &Limits, kept: Option<Cache>) -> Result<Engine> {
    let engine = Engine::new(config(limits).cache(kept))?;
    let weak = engine.weak();
    // A thread of its own, because a task would starve together with the workers that it is to
    // interrupt.
    thread::Builder::new().name("plugin-epochs".to_owned()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(limits::TICK);
        }
    })?;
    Ok(engine)
}

fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        // Fuel gives the same verdict on every machine; epochs catch what fuel cannot see.
        .consume_fuel(true)
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(limits::STACK)
        .async_stack_size(limits::ASYNC_STACK)
        // Without these a replay could differ from the first run on another machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        // What passes values between components inside of one has the memories of both. How many there
        // may be in all is counted.
        .wasm_multi_memory(true)
        // Address space for exactly what a guest may use, so that many hosts fit into one process
        // and into containers that limit it; the bounds checks that this costs are lost in the
        // noise of a call.
        .memory_reservation(limits::MEMORY as u64)
        .memory_guard_size(64 << 10)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits.slots)));
    config
}

fn pool(slots: u32) -> PoolingAllocationConfig {
    let cores = slots.saturating_mul(limits::CORE_INSTANCES);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(cores)
        .total_memories(slots.saturating_mul(limits::MEMORIES))
        .total_tables(cores)
        .total_stacks(slots)
        .max_core_instances_per_component(limits::CORE_INSTANCES)
        .max_memories_per_component(limits::MEMORIES)
        .max_tables_per_component(limits::CORE_INSTANCES)
        .max_memory_size(limits::MEMORY)
        .table_elements(limits::TABLE_ELEMENTS)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        // Cleaning a slot costs what the guest touched, not what it could have touched.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(16 << 10)
        .async_stack_keep_resident(64 << 10)
        .max_unused_warm_slots(slots);
    pool
}
