//! Equal programs give equal bytes.

use crate::golden::files;
use crate::modules;

#[test]
fn exporting_twice_gives_the_same_bytes() {
    let scratch = tempfile::tempdir().unwrap();
    for module in modules::all() {
        let [first, second] = ["first", "second"].map(|run| {
            let path = scratch.path().join(module.name).join(run);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            module.export(&path).unwrap();
            files(&path).unwrap()
        });
        assert!(first == second, "{} differs", module.name);
    }
}
