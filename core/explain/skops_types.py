"""The types that Watchroom opens in a skops file: a list of its own, by name, never the one the file asks for."""

from collections.abc import Iterator
from typing import Any

LOADERS = frozenset(
    {
        "BytearrayNode",
        "BytesNode",
        "DTypeNode",
        "DefaultDictNode",
        "DictNode",
        "FunctionNode",
        "JsonNode",
        "ListNode",
        "LossNode",
        "NdArrayNode",
        "ObjectNode",
        "PartialNode",
        "RandomGeneratorNode",
        "RandomStateNode",
        "SetNode",
        "SliceNode",
        "SparseMatrixNode",
        "TreeNode",
        "TupleNode",
        "TypeNode",
    }
)
"""How skops may build an object. Left out on purpose: methods and operators; functions are those of `ALLOWED` only."""

_BY_MODULE = {
    "builtins": "bool bytearray bytes dict float int list NoneType object set slice str tuple",
    "collections": "OrderedDict defaultdict",
    "functools": "partial",
    "numpy": "abs absolute bool bool_ dtype exp expm1 float16 float32 float64 int8 int16 int32 int64 log log1p ndarray "
    "object_ sqrt square str_ uint8 uint16 uint32 uint64",
    "numpy.ma": "MaskedArray",
    "numpy.random._generator": "Generator",
    "numpy.random.mtrand": "RandomState",
    "scipy.sparse._csr": "csr_matrix csr_array",
    "scipy.sparse._csc": "csc_matrix csc_array",
    "sklearn._loss._loss": "CyAbsoluteError CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss "
    "CyHalfSquaredError CyHalfTweedieLoss CyHuberLoss CyPinballLoss",
    "sklearn._loss.link": "IdentityLink Interval LogLink LogitLink MultinomialLogit",
    "sklearn._loss.loss": "AbsoluteError HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss "
    "HalfSquaredError HalfTweedieLoss HuberLoss PinballLoss",
    "sklearn.calibration": "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration",
    "sklearn.compose._column_transformer": "ColumnTransformer",
    "sklearn.compose._target": "TransformedTargetRegressor",
    "sklearn.dummy": "DummyClassifier DummyRegressor",
    "sklearn.ensemble._forest": "ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor",
    "sklearn.ensemble._gb": "GradientBoostingClassifier GradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.binning": "_BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting": "HistGradientBoostingClassifier "
    "HistGradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
    "sklearn.ensemble._stacking": "StackingClassifier StackingRegressor",
    "sklearn.ensemble._voting": "VotingClassifier VotingRegressor",
    "sklearn.feature_selection._univariate_selection": "SelectKBest SelectPercentile",
    "sklearn.feature_selection._variance_threshold": "VarianceThreshold",
    "sklearn.impute._base": "MissingIndicator SimpleImputer",
    "sklearn.isotonic": "IsotonicRegression",
    "sklearn.linear_model._base": "LinearRegression",
    "sklearn.linear_model._coordinate_descent": "ElasticNet ElasticNetCV Lasso LassoCV",
    "sklearn.linear_model._glm.glm": "GammaRegressor PoissonRegressor TweedieRegressor",
    "sklearn.linear_model._huber": "HuberRegressor",
    "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
    "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier RidgeClassifierCV",
    "sklearn.linear_model._stochastic_gradient": "SGDClassifier SGDRegressor",
    "sklearn.naive_bayes": "GaussianNB",
    "sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor",
    "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
    "sklearn.pipeline": "FeatureUnion Pipeline",
    "sklearn.preprocessing._data": "MaxAbsScaler MinMaxScaler PolynomialFeatures PowerTransformer QuantileTransformer "
    "RobustScaler StandardScaler",
    "sklearn.preprocessing._discretization": "KBinsDiscretizer",
    "sklearn.preprocessing._encoders": "OneHotEncoder OrdinalEncoder",
    "sklearn.preprocessing._function_transformer": "FunctionTransformer",
    "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
    "sklearn.preprocessing._target_encoder": "TargetEncoder",
    "sklearn.utils.validation": "check_array",
    "sklearn.tree._classes": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
    "sklearn.tree._tree": "Tree",
    "lightgbm.basic": "Booster",
    "lightgbm.sklearn": "LGBMClassifier LGBMRegressor",
    "xgboost.core": "Booster",
    "xgboost.sklearn": "XGBClassifier XGBRegressor",
}

ALLOWED = frozenset(f"{module}.{name}" for module, names in _BY_MODULE.items() for name in names.split())
"""Full names of the types that a skops file may hold."""

DEEPEST = 400


def foreign(schema: Any) -> str | None:
    """Return the first thing in a skops schema that is not allowed, in words; None when all is allowed.

    Parameters
    ----------
    schema : the parsed ``schema.json`` of the file

    >>> foreign({"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"})
    'the type os.system'
    >>> foreign({"__class__": "dict", "__module__": "builtins", "__loader__": "MethodNode"})
    'the loader MethodNode'
    """
    for node in _nodes(schema):
        if "__class__" not in node and "__loader__" not in node:
            continue
        name, loader = f"{node.get('__module__')}.{node.get('__class__')}", node.get("__loader__")
        if name not in ALLOWED:
            return f"the type {name[:120]}"
        if loader not in LOADERS:
            return f"the loader {str(loader)[:60]}"
    return None


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    waiting: list[Any] = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
