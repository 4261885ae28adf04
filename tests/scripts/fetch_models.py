"""Fetches models that others have published in public repositories, for tests/conformance/others.py.

    fetch_models.py OUT_DIR [--mirror DIRECTORY]

OUT_DIR gets a directory for each model, which is written only if its `saved_model.pb` has the expected checksum. Each
repository is fetched from GitHub, the one commit, or is read from DIRECTORY, which has clones called OWNER+NAME,
OWNER/NAME or OWNER/NAME.git. Nothing that is fetched becomes part of this repository.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile

# A line for each repository and commit, then the checksums (SHA-256) and paths of its models.
MODELS = """
4n4nd/oc-tf-model-serving cf77a3b7bee79e8c2030e7f0af6dc80736c21699
    4d86f15030317b45389b8c4cf3bd74c8fdadb270f3fe735b17ff025b48512757 1
GoogleCloudPlatform/cloudml-samples efddc4a9898127e55edc0946557aca4bfaf59705
    dc6ea562a2b356d68e28ec8d278cf2d08b820efd1c5f3a2511e5e548c26c35e0 cloudml-template/examples/regression/babyweight/trained_models/housing_regressor/export/estimate/1554227547
    51a0de810c18cf5c61633e6ad3dbbd5024ab9b082aafa2d52ec5b558909e86a7 cloudml-template/examples/regression/babyweight/trained_models/housing_regressor/export/evaluate/1554227548
GuoLiuFang/tfservering 7ba5743d9d2f52b76c1af5577d90bfea7fb9334c
    ac9d7c706571befc63932b6d0bcef08d876ed8dfc6504632107d249573c7201a 1
brianschardt/iris_keras_tensorflow_serving 706ae587e53903f20f0189b36a3b043ef212ba91
    4d6ab85c502e19e99dcbdf6ca6c375c9da47a91ab2c5814d8e1b11dd17369912 1
brianschardt/xor_keras_tensorflow_serving a70f3feca1ec4907a63378782aa5bda7b027a1b9
    084a0f3c15e5dc67e06b21b995d25eb00fb22db8bc0323a3ab9515fb71d6b774 1
dududu04/my_mnist_serving 97ec5710b48076d99605c70a3148eb9a59284b84
    61f80185154c2417addb2378dfae0c0a39a3cbca475e71453d37580ae0d89a8f 1
    106ba0db91d01c33924f69b91d0c94c178d0056f1f6b87af25f8b65b3de70152 tmp/test/1
john7farrell/tf-serving-test-files 4c15bceae38e80d2cfb175651bc63bd4ed7b21bc
    d0bf49622ee1fd839d0551bf320f786661c47b2aa39e53907c111f8135e70ad6 trained_models/mnist_model/4
onnx/tensorflow-onnx 6537fcb2ee9868f7446a278dc1473915cdec5d45
    c07d41e7e59ce598bf542760c9df699e95247bc8527c02cde2d53c297dd8f6ab tests/models/regression/saved_model
    defa0f576576aae29dacc6bb9811cb6497f93d751f08eef84a52acdcdf0b3be7 tests/models/saved_model_with_redundant_inputs
spotify/zoltar 384c011e9aed62687fd6cdafd63bff3e0ccadad9
    204a31c710c87113ef88fd3eb534d76efdf48a3ab909cc618807a2143129c4e1 zoltar-tests/src/test/resources/trained_model
tensorflow/java 58a19434ad41d6e62c944e2f7f2a974bf170bff4
    4e250217d66c0e9b532b9384bad32fafb6a286fec5a67e2e457925b994473daa tensorflow-core/tensorflow-core-api/src/test/resources/saved_model
    a06318944cffc4fcac53b9797b56c32054b241f78e7957075130bde384b57e84 tensorflow-core/tensorflow-core-api/src/test/resources/saved_model_using_python/model
tensorflow/rust 1ddf5a348037402f87d67c076bf3019857eae05f
    91326ecf66011329e19e8e8bfab625070e8a647125cd0a58171aba9754617c42 examples/regression_savedmodel
    bd7996988d211ab957d1ef0562e59d3ac064b0fe6cddecb85f200d91dfd789df test_resources/regression-model
tensorflow/serving 9d981c5c2708d23c5407c7c1e30309e6f9798874
    8981d9d74cdc2674634cc8a0612ef988b0d60fcec956fe38952234586f54e6c9 tensorflow_serving/batching/testdata/matrix_half_plus_two/1
    f103a93784f1aae6deb7e796bdba903a7e8aeddc4b5b31cd850df9a62bec461b tensorflow_serving/servables/tensorflow/testdata/saved_model_counter/00000123
    0f94ab55b0dbabaccfc4b7485f66ece21b9aec92f870fa22f328c79adc67d70a tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_three/00000123
    e233fdf986e74feba2329fd68f5fc18ebbde977a35e32080eb81a9a19ce0e02f tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_cpu/00000123
    416c2bde5a1df7059eee47fa0130fe423a0c29f46217f81b78dc03551826fbad tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_cpu_with_empty_saved_model_config/00000123
    5fbedf23120cbc439fa4bc786c51d8864be1b96a0e6cd27962bcbb6c3ada9560 tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_gpu/00000123
    ac98a4d65d982cc85beb29e10ef92c2ab82125e5a3a18842f983a8ed35878a5a tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_gpu_trt/00000123
    47fe5c683b3a73595a3411b6d040bb14b0a7609022c20534536dcbaeca1b05c9 tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_mkl/00000123
    4427d03d3da145f4ec4dc99c3acd0b140dd6311de3d772b838a1eb3ff116c4e9 tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_mlmd/00000123
    1c598d72b1b74dfb945e0c232809da107074127fa9fa4f34e2ab9564436f74dd tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two_tf2_cpu/00000123
tensorflow/tfx 58435d68d561e9ba6c657a0ec111adba5176ee98
    863adc6e27d4744d0e02da0b253ab5c17b16b9be426c69abdd1a01add2c7bd3c tfx/benchmarks/datasets/chicago_taxi/model/tfma_saved_model
    fa2d685878c7a92d946bf46247667060366e7a9a4e50035f7562ea12eaa3ce38 tfx/benchmarks/datasets/chicago_taxi/model/tft_saved_model
    5776fa26826c82537e45592cbcdfb334ce1245a7ed5cc81f12c2c5e173002775 tfx/benchmarks/datasets/chicago_taxi/model/tft_tf2_saved_model
    0101203b605bb6736bb5e55e969de9814a43bf98818fdb7593a4eddbb8180bd4 tfx/benchmarks/datasets/chicago_taxi/model/trained_saved_model
    384fb841d60ee893e9388219d6dca7b047a604d6e95813ee4a28fef283efe8b5 tfx/components/testdata/pusher/model_push/1584391735
    90c0572ffb5317b5cca1e5f0ae97accea58a970e0e3ceac81943260d36c73b11 tfx/components/testdata/trainer/blessed/Format-TFMA/1646034758
    5743da2dbab11be27ac1aca54572a4760efb3d845de6ed5bcab8aa70e520df9c tfx/components/testdata/trainer/current/Format-Serving/export/chicago-taxi/1646034756
    3d9de073e3c9c1fd2d9ffc1daf6ff7cf23cbc70010754a604c621a16a5a19321 tfx/components/testdata/trainer/keras/Format-Serving
    072c60446ca0e7432cd334eb887d51556116f1481f4453aae2ce1f8317894095 tfx/components/testdata/transform/transform_graph/transform_fn
tobegit3hub/simple_tensorflow_serving 6aa1aad5f2cb68d195beddb5af2f249adbffa6bd
    053fdf5b88f4173d99148ce26656f332b2231303e9c5a9f1dcd0fe9a97104b2e benchmark/simplest_model/model/1
    76cff5ec4d2f5f614e8972655f42f5ead3669319e66d467b4341e60e1d033cbb benchmark/tensorflow_template_application_model/tensorflow_template_application_model/1
    51d567fcf7c1270435df690e659db8a80c27b198ccc900f710e8468e710cb227 examples/custom_op/model/1
    45a66d0d4cd0c6fa42ab8afc3abc004f84a1103cae928a148231e53b33bdcbf6 models/deep_image_model/1
    89601520af0a631a546dc712d82820a357fef75c6f0e2d7c93f0ad6b7edc80b2 models/distributed_tensorflow_model/1
    204a5c06b2b0b7e8538b72a980611696f6d973f6cbb8fe8bdf4af230144c451c models/preprocess_simplest_model/1
    cfaf9ae87281405bfe05d1e7517c52aece0cad94f041b5bd09653bf86d8befb8 models/tensorflow_estimator_model/1533527330
    9d9993b88a3b11846bd70ccbeaae8af4fc63195b36033dd37fb832506c601d73 models/tensorflow_template_application_model/2
"""

# The files of a SavedModel or module; others may lie beside them.
PARTS = ("saved_model.pb", "tfhub_module.pb", "variables/", "assets/")


def listed():
    """[(repository, commit, [(checksum, path)])]."""
    found = []
    for line in MODELS.strip().splitlines():
        words = line.split()
        if line.startswith(" "):
            found[-1][2].append(words)
        else:
            found.append((words[0], words[1], []))
    return found


def name_of(repository, path):
    """The name of a model's directory."""
    return (repository + "/" + path).replace("/", "+")


def git(directory, *arguments):
    return subprocess.run(("git", "-C", directory) + arguments, check=True, stdout=subprocess.PIPE).stdout


def clone(repository, commit, directory):
    """Fetches one commit from GitHub."""
    git(directory, "init", "--quiet", "--bare")
    git(directory, "fetch", "--quiet", "--depth", "1", "https://github.com/%s" % repository, commit)
    return directory


def mirrored(mirror, repository):
    """The git directory of a clone; one without a work tree may be called `repo`."""
    for name in (repository.replace("/", "+"), repository, repository + ".git"):
        for inner in ("", ".git", "repo", "repo/.git"):
            directory = os.path.join(mirror, name, inner)
            if os.path.isfile(os.path.join(directory, "HEAD")) and os.path.isdir(os.path.join(directory, "objects")):
                return directory
    raise FileNotFoundError("%s: no clone of %s" % (mirror, repository))


def files(directory, commit, path):
    """{path below the model: content}."""
    found = {}
    for entry in git(directory, "ls-tree", "-r", "-z", commit, path + "/").decode().split("\0"):
        if not entry:
            continue
        (mode, kind, blob), file = entry.split("\t")[0].split(), entry.split("\t")[1][len(path) + 1 :]
        if file.startswith(PARTS):
            if not mode.startswith("100"):
                raise ValueError("%s is no file, but of mode %s" % (file, mode))
            found[file] = git(directory, "cat-file", kind, blob)
    return found


def write(directory, content):
    for name, data in content.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--mirror")
    options = parser.parse_args(arguments)
    written, failed = 0, 0
    for repository, commit, models in listed():
        with tempfile.TemporaryDirectory() as scratch:
            try:
                if options.mirror:
                    directory = mirrored(options.mirror, repository)
                else:
                    directory = clone(repository, commit, scratch)
                for checksum, path in models:
                    content = files(directory, commit, path)
                    found = hashlib.sha256(content["saved_model.pb"]).hexdigest()
                    if found != checksum:
                        raise ValueError("%s: expected checksum %s, found %s" % (path, checksum, found))
                    write(os.path.join(options.out, name_of(repository, path)), content)
                    written += 1
            except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
                print("FAIL %s: %s" % (repository, error))
                failed += 1
    print("%d models written, %d repositories failed" % (written, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
