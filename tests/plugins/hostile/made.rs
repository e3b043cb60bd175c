//! Guests made by hand, instruction by instruction: one that does what no compiler writes, and one
//! that is so small that there can be hundreds of it.

use wasm_encoder::{
    CodeSection, ComponentSection, ConstExpr, CustomSection, DataSection, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, HeapType, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Awards a point.
    Award,
    /// Wants a table with more elements than anybody has.
    GrowTable,
}

const HANDLER: &str = "perennial:plugin/handler@0.2.0";
const SDK_VERSION: &str = "0.2.0";
/// Where things are in the guest's memory: an answer of no actions, an answer of one, the action,
/// two texts, and what is free.
const NOTHING: i32 = 1024;
const ANSWER: i32 = 16;
const ACTION: i32 = 64;
const KEY: i32 = 128;
const REASON: i32 = 136;
const FREE: i32 = 4096;
const ELEMENTS: i32 = 20_000;

/// A component of the same contract as one that was built, and without a manifest.
pub(crate) fn made(built: &[u8], does: Does) -> Vec<u8> {
    let mut component = bare(&typed_module(built, does));
    let (name, data) = ("perennial:sdk-version".into(), SDK_VERSION.as_bytes().into());
    CustomSection { name, data }.append_to_component(&mut component);
    component
}

/// The component of a core module, as any tools make it: nothing in it is of the platform.
pub(crate) fn bare(module: &[u8]) -> Vec<u8> {
    let mut encoder = ComponentEncoder::default().validate(true).module(module).unwrap();
    encoder.encode().unwrap()
}

/// A core module with the type of the component that it is to be, that of one that was built.
pub(crate) fn typed_module(built: &[u8], does: Does) -> Vec<u8> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(built).unwrap() else {
        unreachable!("what was built is a component");
    };
    let mut module = module(does).finish();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

fn module(does: Does) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0).function(0).function(1);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 2,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let free = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(free, &ConstExpr::i32_const(FREE));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export(&format!("{HANDLER}#on-event"), ExportKind::Func, 0);
    exports.export(&format!("{HANDLER}#appraise"), ExportKind::Func, 1);
    exports.export(&format!("{HANDLER}#view"), ExportKind::Func, 1);
    exports.export("cabi_realloc", ExportKind::Func, 2);
    let mut code = CodeSection::new();
    code.function(&on_event(does)).function(&answers(NOTHING)).function(&allocate());
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&code).section(&answer());
    module
}

fn on_event(does: Does) -> Function {
    if does == Does::Award {
        return answers(ANSWER);
    }
    let mut function = Function::new([]);
    let mut instructions = function.instructions();
    instructions.ref_null(HeapType::FUNC).i32_const(ELEMENTS).table_grow(0).drop();
    instructions.i32_const(ANSWER).end();
    function
}

fn answers(at: i32) -> Function {
    let mut function = Function::new([]);
    function.instructions().i32_const(at).end();
    function
}

/// Hands out memory from front to back, aligned to eight bytes; nobody gives it back within a call.
fn allocate() -> Function {
    let mut function = Function::new([]);
    let mut instructions = function.instructions();
    instructions.global_get(0).i32_const(7).i32_add().i32_const(-8).i32_and().local_tee(0);
    instructions.local_get(3).i32_add().global_set(0).local_get(0).end();
    function
}

/// A list of one action, `award-points` of one point, as the canonical form of the contract has it.
fn answer() -> DataSection {
    let words =
        |words: &[i32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let mut data = DataSection::new();
    let mut put = |at: i32, bytes: Vec<u8>| {
        data.active(0, &ConstExpr::i32_const(at), bytes);
    };
    // It is an answer and no failure; where the list is, and how many it has.
    put(ANSWER, words(&[0, ACTION, 1]));
    // The key; the first of the effects; its points, and its reason, which is a text.
    put(ACTION, words(&[KEY, 1, 0, 0, 1, 0, 0, REASON, 4]));
    put(KEY, b"k".to_vec());
    put(REASON, b"made".to_vec());
    data
}
