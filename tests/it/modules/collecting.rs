//! Collections and updates of variables.

use tfhub::ops::math;
use tfhub::ops::{array, nn};
use tfhub::{GraphBuilder, keys};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("collections_", collections).seed(3),
        Module::new("assign_update", |g| assign_update(g, false))
            .variant(["train"], |g| assign_update(g, true)),
    ]
}

fn collections(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let v = g.get_variable("v").shape([2]).create();
    let w = g
        .get_variable("w")
        .shape([2])
        .collection(keys::MODEL_VARIABLES)
        .create();
    g.add_to_collection(keys::MODEL_VARIABLES, v);
    let y = x * v + w;
    let half_of_squares = nn::l2_loss(v);
    let loss = g.named("loss", || 0.25 * half_of_squares);
    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    let fixed_loss = g.named("fixed_loss", || g.constant(0.125f32));
    g.add_to_collection(keys::REGULARIZATION_LOSSES, fixed_loss);
    let update_tensor = g.named("update_tensor", || array::identity(y));
    let update_op = g.named("update_op", || g.group([update_tensor]));
    g.add_to_collection(keys::UPDATE_OPS, update_tensor);
    g.add_to_collection(keys::UPDATE_OPS, update_op);
    g.signature("default").input("x", x).output("default", y);
}

fn assign_update(g: &GraphBuilder, training: bool) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let mean = g
        .get_variable("mean")
        .initial_value([0.5f32, 1.5])
        .trainable(false)
        .create();
    let last = g
        .get_variable("last")
        .initial_value([0.0f32, 0.0])
        .trainable(false)
        .create();
    let steps = g
        .get_variable("steps")
        .initial_value(0)
        .trainable(false)
        .create();
    if training {
        let batch_mean = math::reduce_mean(x, 0);
        let updates = [
            mean.assign_sub((mean - batch_mean) * 0.125).operation(),
            last.assign(batch_mean).operation(),
            steps.assign_add(1).operation(),
            mean.assign_add(batch_mean * 0.0).operation(),
            steps.assign_sub_op(0),
        ];
        for update in updates {
            g.add_to_collection(keys::UPDATE_OPS, update);
        }
    }
    let y = g.named("y", || math::subtract(x, mean));
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("last", array::identity(last))
        .output("steps", array::identity(steps));
}
